package dev.coterie.machines.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.machines.faults.Happening.Kind;
import dev.coterie.machines.lab.Lab;
import dev.coterie.machines.lab.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The lab with its traffic: what faults act upon. Used by one thread; what nodes say comes from theirs. */
final class Stage implements AutoCloseable {

    /** Enough for the traffic of hours, and little enough to be filled up. */
    private static final long QUOTA = 64 << 20;

    private static final int SHORTEST_MS = 1500;
    private static final int LONGEST_MS = 3500;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Pattern REVISION = Pattern.compile("\"Revision\" : (\\d+)");
    private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

    private final Lab lab;
    private final Random random;
    private final EtcdWitness witness;
    private final Map<String, Node> nodes = new TreeMap<>();
    private final Map<String, Integer> incarnations = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final List<Happening> happenings = new ArrayList<>();

    private Stage(Lab lab, Random random) {
        this.lab = lab;
        this.random = random;
        this.witness = new EtcdWitness(lab);
    }

    /** Starts etcd with three members, and a node on each host. */
    static Stage up(long seed) {
        Lab lab = Lab.called("faults")
                .etcds(3)
                .setting("ETCD_QUOTA_BACKEND_BYTES", "" + QUOTA)
                .empty()
                .up();
        Stage stage = new Stage(lab, new Random(seed));
        try {
            stage.startAll();
            return stage;
        } catch (RuntimeException failure) {
            stage.close();
            throw failure;
        }
    }

    private void startAll() {
        lab.etcdHosts().forEach(lab::start);
        witness.start();
        Lab.NODES.forEach(this::start);
    }

    // --- Nodes ------------------------------------------------------------------------------------------------------

    /** Starts a node on a host. */
    void start(String host) {
        start(host, List.of());
    }

    /** Starts a node on a host whose wall clock is what {@link #setClock} says. */
    void startWithClock(String host) {
        setClock(host, "+0");
        start(
                host,
                List.of(
                        "env",
                        "LD_PRELOAD=" + FAKETIME,
                        "FAKETIME_TIMESTAMP_FILE=" + clock(host),
                        "FAKETIME_DONT_FAKE_MONOTONIC=1",
                        // Its file is read once a second: with every look at a clock, nothing else would be done.
                        "FAKETIME_CACHE_DURATION=1"));
    }

    /** Makes a node on a host master, and waits until it is. */
    void promote(String host) {
        long before = System.nanoTime();
        await().atMost(PATIENCE).until(() -> {
            node(host).command("promote");
            return since(before, Kind.PROMOTED).stream()
                    .anyMatch(one -> one.process().equals(node(host).name()));
        });
    }

    /** Sends a process a signal. */
    void signal(long pid, String signal) {
        Script.run(List.of("kill", "-" + signal, "" + pid)).orFail();
    }

    /** Lets a fault last for a while. */
    void hold() {
        hold(SHORTEST_MS + random.nextInt(LONGEST_MS - SHORTEST_MS));
    }

    /** Lets a fault last. */
    void hold(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private void start(String host, List<String> prefix) {
        String name = host + "." + incarnations.merge(host, 1, Integer::sum);
        String etcd = lab.etcdHosts().stream().map(Stage::url).collect(Collectors.joining(","));
        nodes.put(host, Node.start(lab, host, name, prefix, etcd, QUOTA, this::heard));
    }

    static boolean hasClocks() {
        return Files.exists(FAKETIME);
    }

    /** Sets the wall clock of a node that was {@linkplain #startWithClock started} so, such as to {@code +1h}. */
    void setClock(String host, String offset) {
        try {
            Path file = Files.writeString(lab.state().resolve(host + ".clock.new"), offset);
            Files.move(file, clock(host), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path clock(String host) {
        return lab.state().resolve(host + ".clock");
    }

    /** The nodes there are, dead ones too. */
    List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    Node node(String host) {
        return nodes.get(host);
    }

    /** A host whose node is master, if some is and it has not been taken; otherwise another. For this round it is taken. */
    String takeMaster() {
        String record = lab.etcdctl("etcd", "get", "masters/0", "--print-value-only");
        return take(Lab.NODES.stream()
                .filter(host -> record.contains("\"" + host + "-"))
                .filter(host -> !taken.contains(host))
                .findFirst()
                .orElseGet(this::anyHost));
    }

    /** A host whose node is not master, and which has not been taken. For this round it is. */
    String takeWorker() {
        String record = lab.etcdctl("etcd", "get", "masters/0", "--print-value-only");
        return take(free().stream()
                .filter(host -> !record.contains("\"" + host + "-"))
                .findFirst()
                .orElseGet(this::anyHost));
    }

    /** Master or not. */
    String takeAny() {
        return take(anyHost());
    }

    private String anyHost() {
        return free().get(0);
    }

    private List<String> free() {
        List<String> hosts = new ArrayList<>(Lab.NODES);
        hosts.removeAll(taken);
        Collections.shuffle(hosts, random);
        return hosts;
    }

    private String take(String host) {
        taken.add(host);
        return host;
    }

    // --- etcd and the network ---------------------------------------------------------------------------------------

    Lab lab() {
        return lab;
    }

    Random random() {
        return random;
    }

    EtcdWitness witness() {
        return witness;
    }

    static String url(String host) {
        return "http://" + Lab.address(host) + ":2379";
    }

    /** Some member of etcd. */
    String someEtcd() {
        return lab.etcdHosts().get(random.nextInt(lab.etcdHosts().size()));
    }

    /** Every host but one. */
    List<String> others(String host) {
        List<String> all = new ArrayList<>(Lab.NODES);
        all.addAll(lab.etcdHosts());
        all.remove(host);
        return all;
    }

    /** From now on a host does not hear some others. */
    void deafen(String host, List<String> to) {
        rules(host, "INPUT", "-s", to);
    }

    /** From now on some others do not hear a host. */
    void mute(String host, List<String> to) {
        rules(host, "OUTPUT", "-d", to);
    }

    private void rules(String host, String chain, String direction, List<String> peers) {
        String addresses = peers.stream().map(Lab::address).collect(Collectors.joining(","));
        iptables(host, "-A", chain, direction, addresses, "-j", "DROP");
    }

    /** Calls iptables on a host. */
    void iptables(String host, String command, String... rule) {
        List<String> words = new ArrayList<>(List.of("iptables", "-w", command));
        words.addAll(List.of(rule));
        lab.run(host, words.toArray(String[]::new)).orFail();
    }

    /** Takes back everything that was done to the network of a host. */
    void mend(String host) {
        iptables(host, "-F");
        iptables(host, "-F", "-t", "nat");
    }

    /** The revision of etcd now. */
    long revision() {
        Matcher revision = REVISION.matcher(lab.etcdctl("etcd", "put", "witness", "here", "-w", "fields"));
        if (!revision.find()) {
            throw new IllegalStateException("etcd does not say what its revision is");
        }
        return Long.parseLong(revision.group(1));
    }

    /** Compacts away all that happened in etcd. */
    void compactEtcd() {
        lab.etcdctl("etcd", "compact", "" + revision());
    }

    /** Fills etcd up until it takes nothing any more. */
    void fillEtcd() {
        String fill = "i=0; while head -c 900000 /dev/urandom | base64 -w0 | ETCDCTL_API=3 etcdctl --endpoints "
                + url("etcd") + " put fill/$i; do i=$((i + 1)); [ $i -lt 1000 ] || exit 1; done";
        lab.run("etcd", "bash", "-o", "pipefail", "-c", fill).orFail();
        assertThat(lab.etcdctl("etcd", "alarm", "list")).contains("NOSPACE");
    }

    /** As the operating guide says. */
    void emptyEtcd() {
        lab.etcdctl("etcd", "del", "--prefix", "fill/");
        Matcher revision = REVISION.matcher(lab.etcdctl("etcd", "get", "fill/", "-w", "fields"));
        assertThat(revision.find()).isTrue();
        lab.etcdctl("etcd", "compact", "--physical", revision.group(1));
        lab.etcdctl("etcd", "defrag");
        lab.etcdctl("etcd", "alarm", "disarm");
    }

    // --- What is said -----------------------------------------------------------------------------------------------

    private void heard(Happening happening) {
        synchronized (happenings) {
            happenings.add(happening);
        }
    }

    /** What was said so far. */
    List<Happening> happenings() {
        synchronized (happenings) {
            return List.copyOf(happenings);
        }
    }

    /** Of some kinds, since some time. */
    List<Happening> since(long time, Kind... kinds) {
        Set<Kind> wanted = Set.of(kinds);
        synchronized (happenings) {
            return happenings.stream()
                    .filter(one -> wanted.contains(one.kind()) && one.at() > time)
                    .toList();
        }
    }

    /** Forgets what was said: a history begins. */
    void begin() {
        taken.clear();
        synchronized (happenings) {
            happenings.clear();
        }
        tellAll("begin");
    }

    /** Copies what nodes and etcd have said on their standard error, and what has happened, to where it stays. */
    void keepLogs(Path folder) {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(lab.state())) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Files.write(
                    folder.resolve("history.txt"),
                    happenings().stream().map(Happening::toString).toList());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Tells all nodes something. */
    void tellAll(String... words) {
        nodes.values().forEach(node -> node.command(words));
    }

    @Override
    public void close() {
        witness.close();
        lab.close();
    }
}
