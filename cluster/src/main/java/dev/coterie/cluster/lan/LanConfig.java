package dev.coterie.cluster.lan;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a node takes part in a group on a LAN. Immutable; {@link #builder} gives the defaults, which are those of
 * node-discover, and {@link Builder#build} refuses what does not fit together.
 *
 * @param helloInterval how often this node says hello; default 1 s
 * @param checkInterval the longest time between two looks at who is missing; default 2 s. What is due earlier is
 *     done when it is due
 * @param nodeTimeout after how much silence a node counts as dead; default 2 s, at least {@code checkInterval}, more
 *     than {@code helloInterval}
 * @param masterTimeout the same for masters; default and least {@code nodeTimeout}
 * @param address the IPv4 address to receive on; with broadcast and multicast it chooses the network interface,
 *     since packets to a group reach no socket that is bound to one address; default 0.0.0.0, any
 * @param port the UDP port; default 12345; 0, with {@code unicast} only, for any free one
 * @param broadcast where to broadcast to; default 255.255.255.255, unless one of the next is given
 * @param multicast the multicast group to use instead, 224.0.0.0 to 239.255.255.255
 * @param multicastTtl how many routers a multicast packet may pass, plus one; default 1: none
 * @param unicast the nodes to talk to instead, {@code host} or {@code host:port}; each list should hold all nodes
 * @param key seals all packets; default none. A sealed group and node-discover cannot talk
 * @param mastersRequired how many masters there should be; default 1
 * @param weight the heaviest become masters; default by age, the older the heavier, as node-discover has it
 * @param eligible whether this node may become master; default true
 * @param client only listens: says no hello, so that nobody sees it, and never becomes master; default false
 * @param reuseAddr whether other processes on this host may have the same port; default true
 * @param exclusive whether the port must be this process's alone, whatever {@code reuseAddr} says; default false
 * @param ignoreProcess whether packets of other instances in this process are ignored; default true
 * @param ignoreInstance whether one's own messages are ignored; default true
 * @param advertisement what this node says of itself, JSON values only; default nothing
 * @param hostname this machine's name, for display; default the variable DISCOVERY_HOSTNAME, else what the machine
 *     says
 * @param name what a person calls this node, 1 to 64 of {@code a-z A-Z 0-9 . _ -}; default made of the host's name
 * @param maxPacket the largest packet to send or take, in bytes; default 65507, which is all that UDP can carry
 */
public record LanConfig(
        Duration helloInterval,
        Duration checkInterval,
        Duration nodeTimeout,
        Duration masterTimeout,
        String address,
        int port,
        String broadcast,
        String multicast,
        int multicastTtl,
        List<String> unicast,
        @Nullable SharedKey key,
        int mastersRequired,
        @Nullable Double weight,
        boolean eligible,
        boolean client,
        boolean reuseAddr,
        boolean exclusive,
        boolean ignoreProcess,
        boolean ignoreInstance,
        Map<String, Object> advertisement,
        String hostname,
        String name,
        int maxPacket) {

    /** The most a UDP packet can carry. */
    public static final int MOST_BYTES = 65_507;

    /** Copies the collections. */
    public LanConfig {
        unicast = List.copyOf(unicast);
        advertisement = Collections.unmodifiableMap(new LinkedHashMap<>(advertisement));
    }

    /** The defaults, to be changed. */
    public static Builder builder() {
        return new Builder();
    }

    /** Whether packets go to all nodes of a network at once, rather than to each of a list. */
    boolean toGroup() {
        return unicast.isEmpty();
    }

    /** What is set so far. Not thread-safe. Each method sets what the component of the same name says. */
    public static final class Builder {

        private Duration helloInterval = Duration.ofSeconds(1);
        private Duration checkInterval = Duration.ofSeconds(2);
        private Duration nodeTimeout = Duration.ofSeconds(2);
        private @Nullable Duration masterTimeout = null;
        private String address = "0.0.0.0";
        private int port = 12345;
        private String broadcast = "";
        private String multicast = "";
        private int multicastTtl = 1;
        private List<String> unicast = List.of();
        private @Nullable SharedKey key = null;
        private int mastersRequired = 1;
        private @Nullable Double weight = null;
        private boolean eligible = true;
        private boolean client = false;
        private boolean reuseAddr = true;
        private boolean exclusive = false;
        private boolean ignoreProcess = true;
        private boolean ignoreInstance = true;
        private Map<String, Object> advertisement = Map.of();
        private String hostname = "";
        private String name = "";
        private int maxPacket = MOST_BYTES;

        private Builder() {}

        /** See {@link LanConfig#helloInterval}. */
        public Builder helloInterval(Duration value) {
            helloInterval = value;
            return this;
        }

        /** See {@link LanConfig#checkInterval}. */
        public Builder checkInterval(Duration value) {
            checkInterval = value;
            return this;
        }

        /** See {@link LanConfig#nodeTimeout}. */
        public Builder nodeTimeout(Duration value) {
            nodeTimeout = value;
            return this;
        }

        /** See {@link LanConfig#masterTimeout}. */
        public Builder masterTimeout(Duration value) {
            masterTimeout = value;
            return this;
        }

        /** See {@link LanConfig#address}. */
        public Builder address(String value) {
            address = value;
            return this;
        }

        /** See {@link LanConfig#port}. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /** See {@link LanConfig#broadcast}. */
        public Builder broadcast(String value) {
            broadcast = value;
            return this;
        }

        /** See {@link LanConfig#multicast}. */
        public Builder multicast(String value) {
            multicast = value;
            return this;
        }

        /** See {@link LanConfig#multicastTtl}. */
        public Builder multicastTtl(int value) {
            multicastTtl = value;
            return this;
        }

        /** See {@link LanConfig#unicast}. */
        public Builder unicast(String... nodes) {
            unicast = List.of(nodes);
            return this;
        }

        /** See {@link LanConfig#key}. */
        public Builder key(SharedKey value) {
            key = value;
            return this;
        }

        /** See {@link LanConfig#mastersRequired}. */
        public Builder mastersRequired(int value) {
            mastersRequired = value;
            return this;
        }

        /** See {@link LanConfig#weight}. */
        public Builder weight(double value) {
            weight = value;
            return this;
        }

        /** See {@link LanConfig#eligible}. */
        public Builder eligible(boolean value) {
            eligible = value;
            return this;
        }

        /** See {@link LanConfig#client}. */
        public Builder client(boolean value) {
            client = value;
            return this;
        }

        /** See {@link LanConfig#reuseAddr}. */
        public Builder reuseAddr(boolean value) {
            reuseAddr = value;
            return this;
        }

        /** See {@link LanConfig#exclusive}. */
        public Builder exclusive(boolean value) {
            exclusive = value;
            return this;
        }

        /** See {@link LanConfig#ignoreProcess}. */
        public Builder ignoreProcess(boolean value) {
            ignoreProcess = value;
            return this;
        }

        /** See {@link LanConfig#ignoreInstance}. */
        public Builder ignoreInstance(boolean value) {
            ignoreInstance = value;
            return this;
        }

        /** See {@link LanConfig#advertisement}. */
        public Builder advertisement(Map<String, Object> value) {
            advertisement = value;
            return this;
        }

        /** See {@link LanConfig#hostname}. */
        public Builder hostname(String value) {
            hostname = value;
            return this;
        }

        /** See {@link LanConfig#name}. */
        public Builder name(String value) {
            name = value;
            return this;
        }

        /** See {@link LanConfig#maxPacket}. */
        public Builder maxPacket(int value) {
            maxPacket = value;
            return this;
        }

        /**
         * The whole.
         *
         * @throws IllegalArgumentException names the field, the value and the remedy
         */
        public LanConfig build() {
            LanConfig config = new LanConfig(
                    helloInterval,
                    checkInterval,
                    nodeTimeout,
                    masterTimeout == null ? nodeTimeout : masterTimeout,
                    address,
                    port,
                    broadcast,
                    multicast,
                    multicastTtl,
                    unicast,
                    key,
                    mastersRequired,
                    weight,
                    eligible,
                    client,
                    reuseAddr,
                    exclusive,
                    ignoreProcess,
                    ignoreInstance,
                    advertisement,
                    hostname,
                    name,
                    maxPacket);
            LanRules.check(config);
            return config;
        }
    }
}
