package dev.coterie.cluster;

import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.work.WorkSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a node joins a cluster. Immutable; {@link #of} gives the defaults, each {@code with} a changed copy. What does not
 * fit together is refused by {@link #validate()}, which {@code Cluster.join} calls first.
 */
public final class ClusterConfig {

    /** The port that {@code services/<ip>} leaves out. */
    public static final int DEFAULT_PORT = 22222;

    private static final long LEAST_QUOTA = 16 << 20;

    private final Values values;

    /** What is set. Written only while a copy is made, before anybody else can see it. */
    private static final class Values implements Cloneable {

        private List<URI> etcd = List.of();
        private String prefix = "";
        private String name = "";
        private String address = "";
        private int port = DEFAULT_PORT;
        private int mastersRequired = 1;
        private double weight;
        private boolean eligible = true;
        private Map<String, Object> info = Map.of();
        private Liveness liveness = Liveness.DEFAULT;
        private Duration ttl = Duration.ofMinutes(2);
        private Duration refresh = Duration.ofMinutes(1);
        private Duration connectTimeout = Duration.ofSeconds(30);
        private Duration requestTimeout = Duration.ofSeconds(2);
        private Duration reread = Duration.ofMinutes(5);
        private WorkSettings work = WorkSettings.DEFAULT;
        private Meter meter = Meter.NONE;

        Values copy() {
            try {
                return (Values) clone();
            } catch (CloneNotSupportedException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private ClusterConfig(Values values) {
        this.values = values;
    }

    /**
     * The defaults, with etcd at these places.
     *
     * @param etcd such as {@code http://127.0.0.1:2379}
     */
    public static ClusterConfig of(String... etcd) {
        return new ClusterConfig(new Values())
                .with(copy -> copy.etcd = Arrays.stream(etcd).map(URI::create).toList());
    }

    private ClusterConfig with(Consumer<Values> change) {
        Values copy = values.copy();
        change.accept(copy);
        return new ClusterConfig(copy);
    }

    /** Where etcd answers, {@code http://host:port}; at least one. */
    public List<URI> etcd() {
        return values.etcd;
    }

    /** Before all keys in etcd; empty, so that a node registers as {@code services/<ip>}, or ending in a slash. */
    public String prefix() {
        return values.prefix;
    }

    /** The same with another {@code prefix}. */
    public ClusterConfig withPrefix(String prefix) {
        return with(copy -> copy.prefix = prefix);
    }

    /** Is told what this node counts and times; by default nobody. */
    public Meter meter() {
        return values.meter;
    }

    /** The same with another {@code meter}. */
    public ClusterConfig withMeter(Meter meter) {
        return with(copy -> copy.meter = meter);
    }

    /** What a person calls this node, 1 to 64 of {@code a-z A-Z 0-9 . _ -}; empty for one made of its host's name. */
    public String name() {
        return values.name;
    }

    /** The same with another {@code name}. */
    public ClusterConfig withName(String name) {
        return with(copy -> copy.name = name);
    }

    /** The IP address on which this node takes links; empty for the local address that reaches etcd. */
    public String address() {
        return values.address;
    }

    /** The same with another {@code address}. */
    public ClusterConfig withAddress(String address) {
        return with(copy -> copy.address = address);
    }

    /** The TCP port on which it takes links; 0 for any free one; default 22222, which the key leaves out. */
    public int port() {
        return values.port;
    }

    /** The same with another {@code port}. */
    public ClusterConfig withPort(int port) {
        return with(copy -> copy.port = port);
    }

    /** How many masters there are at a time, 1..100, the same on all nodes; default 1. */
    public int mastersRequired() {
        return values.mastersRequired;
    }

    /** The same with another {@code mastersRequired}. */
    public ClusterConfig withMastersRequired(int mastersRequired) {
        return with(copy -> copy.mastersRequired = mastersRequired);
    }

    /** The heaviest eligible candidate becomes master; default 0, so that the oldest session does. */
    public double weight() {
        return values.weight;
    }

    /** The same with another {@code weight}. */
    public ClusterConfig withWeight(double weight) {
        return with(copy -> copy.weight = weight);
    }

    /** Whether this node may become master; default true. */
    public boolean eligible() {
        return values.eligible;
    }

    /** The same with another {@code eligible}. */
    public ClusterConfig withEligible(boolean eligible) {
        return with(copy -> copy.eligible = eligible);
    }

    /** What this node advertises; default nothing. */
    public Map<String, Object> info() {
        return values.info;
    }

    /** The same with another {@code info}. */
    public ClusterConfig withInfo(Map<String, Object> info) {
        return with(copy -> copy.info = Collections.unmodifiableMap(new LinkedHashMap<>(info)));
    }

    /** How soon a node that has died or fallen silent is noticed. */
    public Liveness liveness() {
        return values.liveness;
    }

    /** The same with another {@code liveness}. */
    public ClusterConfig withLiveness(Liveness liveness) {
        return with(copy -> copy.liveness = liveness);
    }

    /** How long the session outlives its last refresh; default 120 s, at least 5 s, whole seconds. */
    public Duration ttl() {
        return values.ttl;
    }

    /** The same with another {@code ttl}. */
    public ClusterConfig withTtl(Duration ttl) {
        return with(copy -> copy.ttl = ttl);
    }

    /**
     * The longest time between two refreshes of the session; default 60 s, less than {@code ttl}. Each comes a twelfth to
     * a quarter of it early, by chance; one that failed is tried again every second.
     */
    public Duration refresh() {
        return values.refresh;
    }

    /** The same with another {@code refresh}. */
    public ClusterConfig withRefresh(Duration refresh) {
        return with(copy -> copy.refresh = refresh);
    }

    /** How long {@code Cluster.join} keeps trying; default 30 s. */
    public Duration connectTimeout() {
        return values.connectTimeout;
    }

    /** The same with another {@code connectTimeout}. */
    public ClusterConfig withConnectTimeout(Duration connectTimeout) {
        return with(copy -> copy.connectTimeout = connectTimeout);
    }

    /** The deadline of each single call to etcd; default 2 s. */
    public Duration requestTimeout() {
        return values.requestTimeout;
    }

    /** The same with another {@code requestTimeout}. */
    public ClusterConfig withRequestTimeout(Duration requestTimeout) {
        return with(copy -> copy.requestTimeout = requestTimeout);
    }

    /** How often what watches have told is compared with a fresh read; default 5 min. */
    public Duration reread() {
        return values.reread;
    }

    /** The same with another {@code reread}. */
    public ClusterConfig withReread(Duration reread) {
        return with(copy -> copy.reread = reread);
    }

    /** The bounds of tasks and timers; those of the master's node count. */
    public WorkSettings work() {
        return values.work;
    }

    /** The same with another {@code work}. */
    public ClusterConfig withWork(WorkSettings work) {
        return with(copy -> copy.work = work);
    }

    /**
     * The space in bytes that etcd may take, as it was told with {@code --quota-backend-bytes}: tasks are refused before
     * it is used up. Default 2 GiB, which is etcd's own; at least 16 MiB.
     */
    public long etcdQuota() {
        return values.work.journal().quota();
    }

    /** The same with another {@code etcdQuota}. */
    public ClusterConfig withEtcdQuota(long bytes) {
        return withWork(work().withJournal(work().journal().withQuota(bytes)));
    }

    /**
     * Whether etcd's history is compacted as tasks are written; default true. False where etcd is shared with others
     * that need its history, and compacts by itself.
     */
    public boolean etcdCompact() {
        return values.work.journal().compact();
    }

    /** The same, compacting or not. */
    public ClusterConfig withEtcdCompact(boolean compact) {
        return withWork(work().withJournal(work().journal().withCompact(compact)));
    }

    /**
     * How soon a node that has died or fallen silent is noticed, over the links, long before its session runs out.
     * There is no interval at which this is checked: each silence is noticed when it has lasted too long.
     *
     * @param hello how often a node says to those who watch it that it is there; default 1 s, at least 50 ms
     * @param nodeTimeout after which silence a node is suspect; default 2 s, at least twice {@code hello}
     * @param masterTimeout the same for a node that is master; may be less or more
     */
    public record Liveness(Duration hello, Duration nodeTimeout, Duration masterTimeout) {

        /** Hello every second, suspect after two seconds of silence. */
        public static final Liveness DEFAULT =
                new Liveness(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(2));

        /** The same with another {@code hello}. */
        public Liveness withHello(Duration newHello) {
            return new Liveness(newHello, nodeTimeout, masterTimeout);
        }

        /** The same with another {@code nodeTimeout}. */
        public Liveness withNodeTimeout(Duration newNodeTimeout) {
            return new Liveness(hello, newNodeTimeout, masterTimeout);
        }

        /** The same with another {@code masterTimeout}. */
        public Liveness withMasterTimeout(Duration newMasterTimeout) {
            return new Liveness(hello, nodeTimeout, newMasterTimeout);
        }

        private void validate(Duration ttl) {
            require(hello.compareTo(Duration.ofMillis(50)) >= 0, "hello", hello, "choose at least 50ms");
            validateTimeout("nodeTimeout", nodeTimeout, ttl);
            validateTimeout("masterTimeout", masterTimeout, ttl);
        }

        private void validateTimeout(String field, Duration timeout, Duration ttl) {
            require(
                    timeout.compareTo(hello.multipliedBy(2)) >= 0,
                    field,
                    timeout,
                    "choose at least twice hello, which is " + shown(hello) + ": one that is late is no death");
            require(
                    timeout.compareTo(ttl) < 0,
                    field,
                    timeout,
                    "choose less than ttl, which is " + shown(ttl) + ": after that etcd forgets the node anyway");
        }
    }

    /**
     * Checks every value, and the relations between them.
     *
     * @return this
     * @throws IllegalArgumentException names the field, the value and the remedy
     */
    public ClusterConfig validate() {
        validateEtcd();
        validateNode();
        validateSession();
        values.liveness.validate(values.ttl);
        requirePositive("connectTimeout", values.connectTimeout);
        requirePositive("requestTimeout", values.requestTimeout);
        requirePositive("reread", values.reread);
        return this;
    }

    private void validateEtcd() {
        List<URI> etcd = values.etcd;
        String prefix = values.prefix;
        require(!etcd.isEmpty(), "etcd", "none", "give at least one address, such as http://127.0.0.1:2379");
        for (URI uri : etcd) {
            require(
                    "http".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0,
                    "etcd",
                    uri,
                    "write it as http://host:port");
        }
        require(
                etcdQuota() >= LEAST_QUOTA,
                "etcdQuota",
                etcdQuota(),
                "choose at least " + LEAST_QUOTA + " bytes, as many as etcd's --quota-backend-bytes");
        require(prefix.isEmpty() || prefix.endsWith("/"), "prefix", prefix, "leave it empty or end it with a slash");
    }

    private void validateNode() {
        require(values.name.matches("[A-Za-z0-9._-]{0,64}"), "name", values.name, "use up to 64 of A-Z a-z 0-9 . _ -");
        require(values.port >= 0 && values.port <= 65535, "port", values.port, "choose one of 0..65535");
        require(
                values.mastersRequired >= 1 && values.mastersRequired <= 100,
                "mastersRequired",
                values.mastersRequired,
                "choose one of 1..100");
        require(Double.isFinite(values.weight), "weight", values.weight, "choose a finite number");
    }

    private void validateSession() {
        Duration ttl = values.ttl;
        Duration refresh = values.refresh;
        require(
                ttl.compareTo(Duration.ofSeconds(5)) >= 0 && ttl.compareTo(Duration.ofDays(1)) <= 0,
                "ttl",
                ttl,
                "choose 5s to 1d: less cannot be kept by etcd under load, more keeps a dead node for too long");
        require(ttl.equals(Duration.ofSeconds(ttl.toSeconds())), "ttl", ttl, "choose whole seconds, which etcd keeps");
        require(
                !refresh.isNegative() && !refresh.isZero() && refresh.compareTo(ttl) < 0,
                "refresh",
                refresh,
                "choose less than ttl, which is " + shown(ttl) + "; half of it leaves room for retries");
    }

    private static void requirePositive(String field, Duration value) {
        require(!value.isNegative() && !value.isZero(), field, value, "choose more than zero");
    }

    private static void require(boolean holds, String field, Object value, String remedy) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": '" + shown(value) + "' will not do; " + remedy);
        }
    }

    /** Durations as people write them, so that they know their own value again. */
    private static String shown(Object value) {
        if (!(value instanceof Duration duration)) {
            return value.toString();
        }
        return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
