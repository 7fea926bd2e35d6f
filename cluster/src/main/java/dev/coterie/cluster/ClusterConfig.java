package dev.coterie.cluster;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a node joins a cluster. Immutable; {@link #of} gives the defaults, each {@code with} a changed copy. What does not
 * fit together is refused by {@link #validate()}, which {@code Cluster.join} calls first.
 *
 * @param etcd where etcd answers, {@code http://host:port}; at least one
 * @param prefix before all keys in etcd; empty, so that a node registers as {@code services/<ip>}, or ending in a slash
 * @param name what a person calls this node, 1 to 64 of {@code a-z A-Z 0-9 . _ -}; empty for one made of its host's name
 * @param address the IP address on which this node takes links; empty for the local address that reaches etcd
 * @param port the TCP port on which it takes links; 0 for any free one; default 22222, which the key leaves out
 * @param weight the heaviest eligible candidate becomes master; default 0, so that the oldest session does
 * @param eligible whether this node may become master; default true
 * @param info what this node advertises
 * @param ttl how long the session outlives its last refresh; default 120 s, at least 5 s, whole seconds
 * @param refresh how often the session is refreshed; default 60 s, less than {@code ttl}; a refresh that failed is tried
 *     again every second
 * @param connectTimeout how long {@code Cluster.join} keeps trying; default 30 s
 * @param requestTimeout the deadline of each single call to etcd; default 2 s
 * @param reread how often what watches have told is compared with a fresh read; default 5 min
 */
public record ClusterConfig(
        List<URI> etcd,
        String prefix,
        String name,
        String address,
        int port,
        double weight,
        boolean eligible,
        Map<String, Object> info,
        Duration ttl,
        Duration refresh,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration reread) {

    /** The port that {@code services/<ip>} leaves out. */
    public static final int DEFAULT_PORT = 22222;

    /** Copies the collections. */
    public ClusterConfig {
        etcd = List.copyOf(etcd);
        info = Collections.unmodifiableMap(new LinkedHashMap<>(info));
    }

    /**
     * The defaults, with etcd at these places.
     *
     * @param etcd such as {@code http://127.0.0.1:2379}
     */
    public static ClusterConfig of(String... etcd) {
        return new ClusterConfig(
                Arrays.stream(etcd).map(URI::create).toList(),
                "",
                "",
                "",
                DEFAULT_PORT,
                0,
                true,
                Map.of(),
                Duration.ofSeconds(120),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ofMinutes(5));
    }

    /** The same with another {@code prefix}. */
    public ClusterConfig withPrefix(String newPrefix) {
        return new ClusterConfig(
                etcd,
                newPrefix,
                name,
                address,
                port,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code name}. */
    public ClusterConfig withName(String newName) {
        return new ClusterConfig(
                etcd,
                prefix,
                newName,
                address,
                port,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code address}. */
    public ClusterConfig withAddress(String newAddress) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                newAddress,
                port,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code port}. */
    public ClusterConfig withPort(int newPort) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                newPort,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code weight}. */
    public ClusterConfig withWeight(double newWeight) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                newWeight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code eligible}. */
    public ClusterConfig withEligible(boolean newEligible) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                newEligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code info}. */
    public ClusterConfig withInfo(Map<String, Object> newInfo) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                eligible,
                newInfo,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code ttl}. */
    public ClusterConfig withTtl(Duration newTtl) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                eligible,
                info,
                newTtl,
                refresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code refresh}. */
    public ClusterConfig withRefresh(Duration newRefresh) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                eligible,
                info,
                ttl,
                newRefresh,
                connectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code connectTimeout}. */
    public ClusterConfig withConnectTimeout(Duration newConnectTimeout) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                newConnectTimeout,
                requestTimeout,
                reread);
    }

    /** The same with another {@code requestTimeout}. */
    public ClusterConfig withRequestTimeout(Duration newRequestTimeout) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                newRequestTimeout,
                reread);
    }

    /** The same with another {@code reread}. */
    public ClusterConfig withReread(Duration newReread) {
        return new ClusterConfig(
                etcd,
                prefix,
                name,
                address,
                port,
                weight,
                eligible,
                info,
                ttl,
                refresh,
                connectTimeout,
                requestTimeout,
                newReread);
    }

    /**
     * Checks every value, and the relations between them.
     *
     * @return this
     * @throws IllegalArgumentException names the field, the value and the remedy
     */
    public ClusterConfig validate() {
        require(!etcd.isEmpty(), "etcd", "none", "give at least one address, such as http://127.0.0.1:2379");
        for (URI uri : etcd) {
            require(
                    "http".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0,
                    "etcd",
                    uri,
                    "write it as http://host:port");
        }
        require(prefix.isEmpty() || prefix.endsWith("/"), "prefix", prefix, "leave it empty or end it with a slash");
        require(name.matches("[A-Za-z0-9._-]{0,64}"), "name", name, "use up to 64 of A-Z a-z 0-9 . _ -");
        require(port >= 0 && port <= 65535, "port", port, "choose one of 0..65535");
        require(Double.isFinite(weight), "weight", weight, "choose a finite number");
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
                "choose less than ttl, which is " + ttl.toSeconds() + "s; half of it leaves room for retries");
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("requestTimeout", requestTimeout);
        requirePositive("reread", reread);
        return this;
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
