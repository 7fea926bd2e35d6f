package dev.coterie.node.settings;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.balance.Strategy;
import dev.coterie.node.output.LogForm;
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

    /** Whether etcd is done without. */
    public static final Setting<Boolean> LAN =
            Setting.off("lan", "do without etcd: find the others on the local network by UDP packets");

    /** Where to broadcast. */
    public static final Setting<String> BROADCAST = Setting.found(
            "broadcast",
            "IP",
            "255.255.255.255",
            "with lan: the address to which packets are broadcast",
            Readers::text);

    /** The multicast group. */
    public static final Setting<String> MULTICAST = Setting.found(
            "multicast",
            "IP",
            "none",
            "with lan: the multicast group to use instead, such as 239.1.2.3",
            Readers::text);

    /** The nodes to talk to. */
    public static final Setting<List<String>> UNICAST = Setting.found(
            "unicast",
            "HOST[:PORT][,...]",
            "none",
            "with lan: the nodes to send to instead, the same list on each",
            Readers::list);

    /** What all nodes of a sealed group know. */
    public static final Setting<String> KEY_FILE = Setting.found(
            "key-file",
            "FILE",
            "none",
            "with lan: a file with a passphrase that all nodes know, which seals all packets",
            Readers::text);

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
            "the port on which other nodes reach this one; 0 for any free one; with lan 12345 unless set",
            Readers.number(0, 65_535));

    /** Who becomes master. */
    public static final Setting<Double> WEIGHT = Setting.of(
            "weight", "NUMBER", "0", "the heaviest node becomes master, the oldest among equals", Readers::decimal);

    /** Whether it may become master. */
    public static final Setting<Boolean> ELIGIBLE =
            Setting.of("eligible", "true|false", "true", "whether this node may become master", Readers::bool);

    /** How many masters there are. */
    public static final Setting<Integer> MASTERS_REQUIRED = Setting.of(
            "masters-required",
            "N",
            "1",
            "how many masters there are at a time; the same on all nodes",
            Readers.number(1, 100));

    /** How often a node is heard of over the links. */
    public static final Setting<Duration> HELLO = Setting.of(
            "hello",
            "DURATION",
            "1s",
            "how often a node says over its links that it is there; at least 50ms",
            Readers::duration);

    /** After which silence a node is suspect. */
    public static final Setting<Duration> NODE_TIMEOUT = Setting.of(
            "node-timeout",
            "DURATION",
            "2s",
            "after which silence a node is suspected to be dead; at least twice hello, less than ttl",
            Readers::duration);

    /** After which silence a master is suspect. */
    public static final Setting<Duration> MASTER_TIMEOUT = Setting.of(
            "master-timeout",
            "DURATION",
            "2s",
            "after which silence a master is suspected to be dead; at least twice hello, less than ttl",
            Readers::duration);

    /** What it offers to the others. */
    public static final Setting<List<String>> OFFERS = Setting.found(
            "offers", "NAME[,NAME]", "none", "the services that this node offers to the others", Readers::names);

    /** What it needs of the others. */
    public static final Setting<List<String>> NEEDS = Setting.found(
            "needs",
            "NAME[,NAME]",
            "none",
            "the services that this node needs; it says when all of them are there, and when one is missed",
            Readers::names);

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

    /** How much space etcd has. */
    public static final Setting<Long> ETCD_QUOTA = Setting.of(
            "etcd-quota",
            "SIZE",
            "2GiB",
            "the space that etcd was given with --quota-backend-bytes; tasks are refused before it is used up",
            Readers::size);

    /** Whether etcd's history is compacted. */
    public static final Setting<Boolean> ETCD_COMPACT = Setting.of(
            "etcd-compact",
            "true|false",
            "true",
            "whether to compact etcd's history as tasks are written; false where it is shared and compacts by itself",
            Readers::bool);

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

    /** Whether there is a console. */
    public static final Setting<Boolean> CONSOLE = Setting.of(
            "console", "true|false", "true", "whether this node shows the cluster in a browser", Readers::bool);

    /** On which port. */
    public static final Setting<Integer> CONSOLE_PORT = Setting.of(
            "console-port",
            "PORT",
            "3001",
            "the console's port; 0 for any free one, and unless set any free one if it is taken",
            Readers.number(0, 65_535));

    /** On which address. */
    public static final Setting<String> CONSOLE_ADDRESS = Setting.of(
            "console-address",
            "IP",
            "127.0.0.1",
            "the console's address; one that others can reach needs a token",
            Readers::text);

    /** What whoever looks has to show. */
    public static final Setting<String> CONSOLE_TOKEN_FILE = Setting.found(
            "console-token-file", "FILE", "none", "a file with the token that the console asks for", Readers::text);

    /** Whether the console may change anything. */
    public static final Setting<Boolean> CONSOLE_WRITE =
            Setting.off("console-write", "let the console change keys in etcd, and switch workers");

    /** Where monitors of workers answer. */
    public static final Setting<Optional<List<URI>>> CONSOLE_MONITORS = Setting.found(
            "console-monitors",
            "URL[,URL]",
            "none",
            "where the monitors of supervisors answer, whose workers the console shows",
            Readers.optional(Readers::addresses));

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

    /** How the log is written. */
    public static final Setting<LogForm> LOG = Setting.of(
            "log",
            "FORM",
            "text",
            "how the log on standard error is written: text or json, each line with the node's name and term",
            Readers.choice(LogForm.class));

    /** Those of {@code coterie node}. */
    public static final List<Setting<?>> NODE = List.of(
            ETCD,
            LAN,
            BROADCAST,
            MULTICAST,
            UNICAST,
            KEY_FILE,
            PREFIX,
            NAME,
            ADDRESS,
            INTERFACE,
            PORT,
            WEIGHT,
            ELIGIBLE,
            MASTERS_REQUIRED,
            OFFERS,
            NEEDS,
            HELLO,
            NODE_TIMEOUT,
            MASTER_TIMEOUT,
            TTL,
            REFRESH,
            CONNECT_TIMEOUT,
            REQUEST_TIMEOUT,
            ETCD_QUOTA,
            ETCD_COMPACT,
            INTERVAL,
            WORK,
            NUMBERS,
            BALANCER,
            TASKS,
            FOR,
            CONSOLE,
            CONSOLE_PORT,
            CONSOLE_ADDRESS,
            CONSOLE_TOKEN_FILE,
            CONSOLE_WRITE,
            CONSOLE_MONITORS,
            CONFIG,
            JSON,
            LOG,
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
            CONSOLE,
            CONSOLE_PORT,
            CONSOLE_WRITE,
            CONFIG,
            JSON,
            LOG,
            VERBOSE);

    /** Those of commands that look at a cluster from outside. */
    public static final List<Setting<?>> OBSERVER = List.of(ETCD, PREFIX, REQUEST_TIMEOUT, CONFIG, JSON);

    /** Those of {@code coterie doctor}. */
    public static final List<Setting<?>> DOCTOR =
            List.of(ETCD, PREFIX, REQUEST_TIMEOUT, PORT, CONSOLE_PORT, CONFIG, JSON);

    /** Those of {@code coterie explain}, which can ask a group without etcd too. */
    public static final List<Setting<?>> EXPLAIN = List.of(
            ETCD, PREFIX, LAN, BROADCAST, MULTICAST, UNICAST, KEY_FILE, ADDRESS, PORT, REQUEST_TIMEOUT, CONFIG, JSON);

    /** All there are; what a properties file may contain. */
    static final List<Setting<?>> ALL =
            java.util.stream.Stream.of(NODE, DEMO).flatMap(List::stream).toList();

    private Settings() {}
}
