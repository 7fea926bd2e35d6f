package dev.coterie.cluster.lan;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a configuration must keep to, value by value and between them. */
final class LanRules {

    private static final int LEAST_PACKET = 512;
    private static final int MOST_MASTERS = 1000;
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?=\\d)|$)){4}");
    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._-]+(:\\d{1,5})?");

    private LanRules() {}

    /** Refuses what will not do. */
    static void check(LanConfig config) {
        checkTimes(config);
        checkPlaces(config);
        require(
                config.mastersRequired() >= 1 && config.mastersRequired() <= MOST_MASTERS,
                "mastersRequired",
                config.mastersRequired(),
                "choose one of 1.." + MOST_MASTERS);
        Double weight = config.weight();
        require(weight == null || Double.isFinite(weight), "weight", String.valueOf(weight), "choose a finite number");
        require(
                config.name().matches("[A-Za-z0-9._-]{0,64}"),
                "name",
                config.name(),
                "use up to 64 of A-Z a-z 0-9 . _ -");
        require(config.hostname().length() <= 255, "hostname", config.hostname(), "use up to 255 characters");
        require(
                config.maxPacket() >= LEAST_PACKET && config.maxPacket() <= LanConfig.MOST_BYTES,
                "maxPacket",
                config.maxPacket(),
                "choose one of " + LEAST_PACKET + ".." + LanConfig.MOST_BYTES);
    }

    private static void checkTimes(LanConfig config) {
        requirePositive("helloInterval", config.helloInterval());
        requirePositive("checkInterval", config.checkInterval());
        require(
                config.nodeTimeout().compareTo(config.checkInterval()) >= 0,
                "nodeTimeout",
                config.nodeTimeout(),
                "choose at least checkInterval, which is " + shown(config.checkInterval()));
        require(
                config.nodeTimeout().compareTo(config.helloInterval()) > 0,
                "nodeTimeout",
                config.nodeTimeout(),
                "choose more than helloInterval, which is " + shown(config.helloInterval())
                        + ": else every node seems dead between two hellos");
        require(
                config.masterTimeout().compareTo(config.nodeTimeout()) >= 0,
                "masterTimeout",
                config.masterTimeout(),
                "choose at least nodeTimeout, which is " + shown(config.nodeTimeout()));
        require(
                config.masterTimeout().compareTo(Duration.ofDays(1)) <= 0,
                "masterTimeout",
                config.masterTimeout(),
                "choose a day at most");
    }

    private static void checkPlaces(LanConfig config) {
        require(isIpv4(config.address()), "address", config.address(), "write an IPv4 address; 0.0.0.0 for any");
        List<String> ways = Stream.of(
                        config.broadcast().isEmpty() ? "" : "broadcast",
                        config.multicast().isEmpty() ? "" : "multicast",
                        config.unicast().isEmpty() ? "" : "unicast")
                .filter(way -> !way.isEmpty())
                .toList();
        require(ways.size() <= 1, "broadcast, multicast, unicast", ways, "set one of the three at most");
        require(
                config.broadcast().isEmpty() || isIpv4(config.broadcast()),
                "broadcast",
                config.broadcast(),
                "write an IPv4 address, such as 255.255.255.255 or 10.0.0.255");
        require(
                config.multicast().isEmpty() || isMulticast(config.multicast()),
                "multicast",
                config.multicast(),
                "write one of 224.0.0.0 to 239.255.255.255, such as 239.1.2.3");
        require(
                config.multicastTtl() >= 0 && config.multicastTtl() <= 255,
                "multicastTtl",
                config.multicastTtl(),
                "choose one of 0..255");
        config.unicast().forEach(LanRules::checkNode);
        int least = config.toGroup() ? 1 : 0;
        require(
                config.port() >= least && config.port() <= 65535,
                "port",
                config.port(),
                "choose one of " + least + "..65535"
                        + (config.toGroup() ? "; a group needs a port that all know" : ""));
    }

    private static void checkNode(String node) {
        int colon = node.indexOf(':');
        boolean goodPort = colon < 0 || isPort(node.substring(colon + 1));
        require(NODE.matcher(node).matches() && goodPort, "unicast", node, "write each node as host or host:port");
    }

    private static boolean isPort(String text) {
        return text.matches("\\d{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65535;
    }

    private static boolean isIpv4(String text) {
        return IPV4.matcher(text).matches();
    }

    private static boolean isMulticast(String text) {
        return isIpv4(text) && text.matches("2(2[4-9]|3\\d)\\..*");
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
