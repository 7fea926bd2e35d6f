package dev.coterie.etcd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A real etcd on loopback ports, of one member or several, as child processes that do not outlive this JVM.
 *
 * <pre>{@code
 * try (EtcdProcess etcd = EtcdProcess.single()) {
 *     etcd.endpoints();                                   // [http://127.0.0.1:17311]
 * }
 * }</pre>
 *
 * <p>For development and tests: no TLS, no passwords. Members are numbered from 0. Methods that start, stop or freeze
 * members wait until it is done. Any thread.
 */
public final class EtcdProcess implements AutoCloseable {

    private static final int ATTEMPTS = 5;
    private static final Duration ETCDCTL_DEADLINE = Duration.ofSeconds(30);

    private final EtcdOptions options;
    private final Path binary;
    private final Path data;
    private final boolean temporary;
    private List<EtcdMember> members = List.of();

    private EtcdProcess(EtcdOptions options, Path binary, Path data, boolean temporary) {
        this.options = options;
        this.binary = binary;
        this.data = data;
        this.temporary = temporary;
    }

    /** Starts one member on free ports, with its data in a temporary folder that {@link #close()} deletes. */
    public static EtcdProcess single() {
        return with().start();
    }

    /** Says how etcd should be started, differently from {@link #single()}. */
    public static EtcdOptions with() {
        return new EtcdOptions();
    }

    static EtcdProcess start(EtcdOptions options) {
        Path binary = EtcdBinary.onThisMachine().etcd(options.binary);
        EtcdProcess etcd;
        try {
            boolean temporary = options.data == null;
            Path data = options.data == null ? Folders.temporary(options.fastStorage) : options.data.toAbsolutePath();
            Files.createDirectories(data);
            etcd = new EtcdProcess(options, binary, data, temporary);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        boolean started = false;
        try {
            etcd.firstStart();
            started = true;
            return etcd;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            if (!started) {
                etcd.close();
            }
        }
    }

    /** Free ports may be taken by somebody between the look and the use: then others are tried. */
    private synchronized void firstStart() throws IOException {
        for (int attempt = 1; ; attempt++) {
            PeerPorts peers = PeerPorts.of(data, options.members);
            members = newMembers(peers.ports());
            try {
                start();
                return;
            } catch (EtcdException failure) {
                boolean fixed = peers.remembered() || clientPortTaken();
                if (failure.kind() != EtcdException.Kind.PORT_TAKEN || fixed || attempt == ATTEMPTS) {
                    throw failure;
                }
                kill();
                peers.forget();
            }
        }
    }

    private boolean clientPortTaken() {
        return options.clientPort != 0 && !members.stream().allMatch(member -> Ports.isFree(member.clientPort()));
    }

    private List<EtcdMember> newMembers(List<Integer> peerPorts) {
        RandomGenerator random = RandomGenerator.getDefault();
        return IntStream.range(0, options.members)
                .mapToObj(i -> new EtcdMember(
                        "m" + i,
                        options.clientPort == 0 ? Ports.free(random) : options.clientPort + i,
                        peerPorts.get(i),
                        options.members == 1 ? data : data.resolve("m" + i)))
                .toList();
    }

    /** Where each member listens for clients, as {@code http://127.0.0.1:<port>}. */
    public synchronized List<String> endpoints() {
        return members.stream().map(EtcdMember::endpoint).toList();
    }

    /** The folder that holds the data. */
    public Path data() {
        return data;
    }

    /** The process id of a member that runs. */
    public synchronized long pid(int member) {
        return running(member).pid();
    }

    /** Starts the members that do not run, on the same ports and data, and waits until they are healthy. */
    public synchronized void start() {
        Deadline deadline = Deadline.in(options.startWithin);
        members.stream().filter(member -> !member.isRunning()).forEach(this::launch);
        members.forEach(member -> member.awaitHealthy(deadline, options.startWithin));
    }

    /**
     * Starts one member, if it does not run, on the same port and data. Waits until it is healthy if a majority of the
     * members runs then; without one, none can be.
     */
    public synchronized void start(int index) {
        EtcdMember member = members.get(index);
        if (!member.isRunning()) {
            launch(member);
        }
        long running = members.stream().filter(EtcdMember::isRunning).count();
        if (running > members.size() / 2) {
            member.awaitHealthy(Deadline.in(options.startWithin), options.startWithin);
        }
    }

    private void launch(EtcdMember member) {
        String cluster = members.stream().map(EtcdMember::initial).collect(Collectors.joining(","));
        member.launch(binary, cluster, options.extraArguments, temporary ? data : null);
    }

    /** {@link #kill()}s and {@link #start()}s all members. */
    public synchronized void restart() {
        kill();
        start();
    }

    /** Kills (-9) and starts one member. */
    public synchronized void restart(int member) {
        kill(member);
        start(member);
    }

    /** Ends all members at once, as {@code kill -9} does. */
    public synchronized void kill() {
        each(GuardedProcess::kill);
    }

    /** Ends one member at once. */
    public synchronized void kill(int member) {
        running(member).kill();
    }

    /** Freezes all members (SIGSTOP): connections stay open, nothing is answered. */
    public synchronized void pause() {
        each(GuardedProcess::pause);
    }

    /** Freezes one member. */
    public synchronized void pause(int member) {
        running(member).pause();
    }

    /** Lets all frozen members go on. */
    public synchronized void resume() {
        each(GuardedProcess::resume);
    }

    /** Lets one frozen member go on. */
    public synchronized void resume(int member) {
        running(member).resume();
    }

    /**
     * Runs {@code etcdctl} on all endpoints, with etcd's API 3.
     *
     * @param arguments such as {@code "get", "--prefix", "services/"}
     * @return what it printed to its standard output
     * @throws EtcdException if it failed or was not done within 30 seconds
     */
    public String etcdctl(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(EtcdBinary.onThisMachine().etcdctl(null).toString());
        command.add("--endpoints=" + String.join(",", endpoints()));
        command.addAll(List.of(arguments));
        try {
            return Commands.run(recipe(command), ETCDCTL_DEADLINE);
        } catch (IOException failure) {
            throw new EtcdException(EtcdException.Kind.FAILED, failure.getMessage() + "", failure);
        }
    }

    /** A command whose environment says nothing of etcd but what is said here. */
    static ProcessBuilder recipe(List<String> command) {
        ProcessBuilder recipe = new ProcessBuilder(command);
        recipe.environment().keySet().removeIf(name -> name.startsWith("ETCD"));
        recipe.environment().put("ETCDCTL_API", "3");
        if (System.getProperty("os.arch").toLowerCase(Locale.ROOT).equals("aarch64")) {
            // etcd 3.4 does not start on ARM unless it is told that one knows.
            recipe.environment().put("ETCD_UNSUPPORTED_ARCH", "arm64");
        }
        return recipe;
    }

    /** Ends all members and deletes the data if they were temporary. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (temporary) {
            kill();
            try {
                Folders.delete(data);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        } else {
            each(GuardedProcess::close);
        }
    }

    @Override
    public String toString() {
        return "etcd at " + String.join(",", endpoints());
    }

    private void each(Consumer<GuardedProcess> action) {
        members.stream()
                .map(EtcdMember::process)
                .filter(Objects::nonNull)
                .filter(GuardedProcess::isAlive)
                .forEach(action);
    }

    private GuardedProcess running(int index) {
        EtcdMember member = members.get(index);
        GuardedProcess process = member.process();
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException("member " + index + " of " + this + " does not run");
        }
        return process;
    }
}
