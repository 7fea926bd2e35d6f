package dev.coterie.node.settings;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.node.pipeline.Strategy;
import dev.coterie.node.value.DurationRange;
import dev.coterie.node.value.IntRange;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Everything that can be set. */
public final class Settings {

    /** Where etcd answers. */
    public static final Setting<List<URI>> ETCD =
            Setting.of("etcd", "URL[,URL]", "http://127.0.0.1:2379", "where etcd answers", Readers::addresses);

    /** Where a demo's etcd answers, if it is not to start one. */
    public static final Setting<Optional<List<URI>>> DEMO_ETCD = Setting.found(
            "etcd",
            "URL[,URL]",
            "one is started: a real one if this machine has one, else the one inside the JVM",
            "use an etcd that runs already",
            Readers.optional(Readers::addresses));

    /** Which etcd the demo starts. */
    public static final Setting<Boolean> EMBEDDED =
            Setting.off("embedded", "start the etcd inside the JVM, even if this machine has a real one");

    /** Before all keys. */
    public static final Setting<String> PREFIX = Setting.found(
            "prefix", "PREFIX", "none", "what all keys in etcd begin with; ends in a slash", Readers::text);

    /** What a person calls the node. */
    public static final Setting<String> NAME =
            Setting.found("name", "NAME", "made up, such as silent-river", "what people call this node", Readers::text);

    /** On which address it takes links. */
    public static final Setting<String> ADDRESS = Setting.found(
            "address",
            "IP",
            "the local address that reaches etcd",
            "the address on which other nodes reach this one",
            Readers::text);

    /** Whose address that is. */
    public static final Setting<String> INTERFACE = Setting.found(
            "interface",
            "NAME",
            "none",
            "take the address of this network interface, such as eth1, instead",
            Readers::text);

    /** On which port it takes links. */
    public static final Setting<Integer> PORT = Setting.of(
            "port",
            "PORT",
            "" + ClusterConfig.DEFAULT_PORT,
            "the port on which other nodes reach this one; 0 for any free one",
            Readers.number(0, 65_535));

    /** Who becomes master. */
    public static final Setting<Double> WEIGHT = Setting.of(
            "weight", "NUMBER", "0", "the heaviest node becomes master, the oldest among equals", Readers::decimal);

    /** Whether it may become master. */
    public static final Setting<Boolean> ELIGIBLE =
            Setting.of("eligible", "true|false", "true", "whether this node may become master", Readers::bool);

    /** How long the session outlives its last refresh. */
    public static final Setting<Duration> TTL = Setting.of(
            "ttl",
            "DURATION",
            "120s",
            "how long etcd keeps a node that says nothing more; at least 5s",
            Readers::duration);

    /** How often the session is refreshed. */
    public static final Setting<Optional<Duration>> REFRESH = Setting.found(
            "refresh",
            "DURATION",
            "half of ttl",
            "how often a node says that it is alive; less than ttl",
            Readers.optional(Readers::duration));

    /** How long joining may take. */
    public static final Setting<Duration> CONNECT_TIMEOUT = Setting.of(
            "connect-timeout", "DURATION", "30s", "how long to try to reach etcd at the start", Readers::duration);

    /** How long a call to etcd may take. */
    public static final Setting<Duration> REQUEST_TIMEOUT = Setting.of(
            "request-timeout", "DURATION", "2s", "how long a single call to etcd may take", Readers::duration);

    /** How often the master makes a task. */
    public static final Setting<Duration> INTERVAL =
            Setting.of("interval", "DURATION", "10s", "how often the master sends a task", Readers::duration);

    /** How long work takes. */
    public static final Setting<DurationRange> WORK = Setting.of(
            "work", "FROM..TO", "1s..15s", "how long a node works on a task, by chance", DurationRange::parse);

    /** What is multiplied. */
    public static final Setting<IntRange> NUMBERS =
            Setting.of("numbers", "FROM..TO", "30..60", "which numbers are multiplied, by chance", IntRange::parse);

    /** Who gets a task. */
    public static final Setting<Strategy> BALANCER = Setting.of(
            "balancer",
            "WAY",
            "random",
            "how the master chooses who gets a task: random, round-robin or least-loaded",
            Readers.choice(Strategy.class));

    /** How many tasks are made. */
    public static final Setting<Optional<Integer>> TASKS = Setting.found(
            "tasks",
            "N",
            "no end",
            "send this many tasks and no more; the demo then ends with the last result",
            Readers.optional(Readers.number(1, 1_000_000_000)));

    /** For how long tasks are made. */
    public static final Setting<Optional<Duration>> FOR = Setting.found(
            "for",
            "DURATION",
            "no end",
            "send tasks for this long and no longer; the demo then ends with the last result",
            Readers.optional(Readers::duration));

    /** How many nodes a demo has. */
    public static final Setting<Integer> NODES =
            Setting.of("nodes", "N", "3", "how many nodes to start", Readers.number(1, 50));

    /** Where settings are read from. */
    public static final Setting<String> CONFIG = Setting.found(
            "config",
            "FILE",
            "none",
            "read settings from this properties file; flags and the environment come first",
            Readers::text);

    /** Machine-readable output. */
    public static final Setting<Boolean> JSON =
            Setting.off("json", "say everything as JSON, one object to a line, each with event, node and time");

    /** More on standard error. */
    public static final Setting<Boolean> VERBOSE = Setting.off("verbose", "say more on standard error");

    /** Those of {@code coterie node}. */
    public static final List<Setting<?>> NODE = List.of(
            ETCD,
            PREFIX,
            NAME,
            ADDRESS,
            INTERFACE,
            PORT,
            WEIGHT,
            ELIGIBLE,
            TTL,
            REFRESH,
            CONNECT_TIMEOUT,
            REQUEST_TIMEOUT,
            INTERVAL,
            WORK,
            NUMBERS,
            BALANCER,
            TASKS,
            FOR,
            CONFIG,
            JSON,
            VERBOSE);

    /** Those of {@code coterie demo}. */
    public static final List<Setting<?>> DEMO = List.of(
            NODES,
            DEMO_ETCD,
            EMBEDDED,
            PREFIX,
            INTERVAL,
            WORK,
            NUMBERS,
            BALANCER,
            TASKS,
            FOR,
            TTL,
            CONNECT_TIMEOUT,
            CONFIG,
            JSON,
            VERBOSE);

    /** All there are; what a properties file may contain. */
    static final List<Setting<?>> ALL =
            java.util.stream.Stream.of(NODE, DEMO).flatMap(List::stream).toList();

    private Settings() {}
}
