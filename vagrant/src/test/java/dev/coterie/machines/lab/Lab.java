package dev.coterie.machines.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A lab of a test's own: {@code vagrant/lab} with a name that no other test has. Hosts are {@code etcd}, {@code A},
 * {@code B}, {@code C}, and with three members of etcd also {@code etcd2} and {@code etcd3}.
 *
 * <pre>{@code
 * try (Lab lab = Lab.called("split").etcds(3).flags("--json", "--hello", "100ms").up()) {
 *     lab.run("A", "iptables", "-A", "INPUT", "-s", Lab.address("B"), "-j", "DROP").orFail();
 *     lab.kill("B", "STOP");
 *     await().until(() -> lab.log("C").contains("..."));
 * }
 * }</pre>
 */
public final class Lab implements AutoCloseable {

    /** The hosts that run nodes. */
    public static final List<String> NODES = List.of("A", "B", "C");

    private static final Path SCRIPT = Path.of("lab").toAbsolutePath();
    private static final Pattern STATUS = Pattern.compile("(?m)^(\\w+) +[0-9.]+ +pid (\\d+) ");

    private final String name;
    private final Path state;
    private final List<String> options = new ArrayList<>();
    private final List<String> flags = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();
    private int etcds = 1;

    private Lab(String name) {
        // Unique, so that runs beside one another do not meet.
        this.name = name + "-" + ProcessHandle.current().pid();
        this.state = Path.of("target", "lab", this.name).toAbsolutePath();
    }

    /**
     * A lab that is not up yet. The test is skipped where there can be none.
     *
     * @param name up to 12 lower-case letters
     */
    public static Lab called(String name) {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces need root");
        for (String tool : List.of("ip", "iptables", "etcd", "etcdctl", "unshare", "flock")) {
            assumeTrue(isOnPath(tool), tool + " is not on the PATH; .ci/run installs it");
        }
        return new Lab(name);
    }

    private static boolean isOnPath(String tool) {
        return Stream.concat(Arrays.stream(System.getenv("PATH").split(":", -1)), Stream.of("/usr/sbin", "/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    /** With so many members of etcd, 1 or 3. */
    public Lab etcds(int members) {
        etcds = members;
        return this;
    }

    /** With these further flags for each node. */
    public Lab flags(String... more) {
        flags.addAll(List.of(more));
        return this;
    }

    /** With this in the environment of what it starts, such as a setting of etcd. */
    public Lab setting(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /** The network only; processes are started by {@link #start}. */
    public Lab empty() {
        options.add("--empty");
        return this;
    }

    /** Starts what does not run, and waits until it is ready. */
    public Lab up() {
        try {
            List<String> words = new ArrayList<>(List.of("up", "--"));
            words.addAll(flags);
            script(words.toArray(String[]::new)).orFail();
            return this;
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Runs a command in a host to its end. */
    public Script run(String host, String... command) {
        return Script.run(builder(host, command));
    }

    /** Prepares a command in a host, for those who want to talk to it while it runs; {@link #close} ends it. */
    public ProcessBuilder builder(String host, String... command) {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace(host)));
        words.addAll(List.of(command));
        return new ProcessBuilder(words);
    }

    /** Asks etcd something, from a host and through all its members. */
    public String etcdctl(String host, String... arguments) {
        String endpoints = String.join(
                ",",
                etcdHosts().stream()
                        .map(member -> "http://" + address(member) + ":2379")
                        .toList());
        List<String> words = new ArrayList<>(List.of("env", "ETCDCTL_API=3", "etcdctl", "--endpoints", endpoints));
        words.addAll(List.of(arguments));
        return run(host, words.toArray(String[]::new)).orFail();
    }

    /** Starts a host's process if it does not run, a node with the lab's flags, and waits until it is ready. */
    public void start(String host) {
        List<String> words = new ArrayList<>(List.of("start", host, "--"));
        words.addAll(flags);
        script(words.toArray(String[]::new)).orFail();
    }

    /** Ends a host's process as systemd would. */
    public void stop(String host) {
        script("stop", host).orFail();
    }

    /** Sends a host's process a signal, such as {@code KILL} or {@code STOP}; at once, without the script. */
    public void kill(String host, String signal) {
        long pid = pid(host).orElseThrow(() -> new IllegalStateException(host + ": its process does not run"));
        Script.run(List.of("kill", "-" + signal, "" + pid)).orFail();
    }

    /** The process of a host, if it runs. */
    public Optional<Long> pid(String host) {
        Matcher line = STATUS.matcher(script("status").output());
        while (line.find()) {
            if (line.group(1).equals(host)) {
                return Optional.of(Long.valueOf(line.group(2)));
            }
        }
        return Optional.empty();
    }

    /** What a host's process has said so far, its errors included. */
    public List<String> log(String host) {
        try {
            return Files.readString(state.resolve(host + ".log"), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The folder with logs, pid files and etcd's data. */
    public Path state() {
        return state;
    }

    /** The name of a host's network namespace. */
    public String namespace(String host) {
        return "coterie-" + name + "-" + host;
    }

    /** The hosts of etcd. */
    public List<String> etcdHosts() {
        return etcds == 1 ? List.of("etcd") : List.of("etcd", "etcd2", "etcd3");
    }

    /** The address of a host, the same in every lab. */
    public static String address(String host) {
        return "10.77.0."
                + (10 + List.of("etcd", "A", "B", "C", "etcd2", "etcd3").indexOf(host));
    }

    /** Calls the script for this lab. */
    public Script script(String... words) {
        List<String> command = new ArrayList<>(
                List.of(SCRIPT.toString(), "--name", name, "--state", state.toString(), "--etcd", "" + etcds));
        command.addAll(options);
        command.addAll(List.of(words));
        ProcessBuilder recipe = new ProcessBuilder(command);
        recipe.environment().putAll(settings);
        return Script.run(recipe);
    }

    /** Ends everything that runs in it, whoever started it, and removes it. */
    @Override
    public void close() {
        script("down").orFail();
    }
}
