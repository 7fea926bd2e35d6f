package dev.coterie.workers.traffic;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Notification;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells all workers of data that begin with certain characters, before one of them gets such a datum. */
final class NotifyingType implements BalancerType {

    @Override
    public String name() {
        return "notifying";
    }

    @Override
    public String help() {
        return "as plain, and tells all workers of data that begin with certain characters";
    }

    @Override
    public List<Flag> flags(List<Flag> usual) {
        return Flags.extended(
                usual,
                Flag.of("prefix", "TEXT", "!", "what the data begin with of which all workers are told"),
                Flag.of("notification", "TYPE", "control", "the type of the notification"),
                Flag.of("workername", "NAME", "Listener", "what a worker is called, before its number"));
    }

    @Override
    public Distribution distribution(Flags flags) {
        byte[] prefix = flags.text("prefix").getBytes(StandardCharsets.UTF_8);
        String type = flags.text("notification");
        return new Distribution() {
            @Override
            public Optional<Notification> broadcast(Datum datum) {
                return begins(datum.bytes(), prefix) ? Optional.of(notification(type, datum)) : Optional.empty();
            }
        };
    }

    private static boolean begins(byte[] bytes, byte[] prefix) {
        return bytes.length >= prefix.length
                && java.util.Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static Notification notification(String type, Datum datum) {
        Map<String, Object> data = Map.of("text", new String(datum.bytes(), StandardCharsets.UTF_8));
        return new Notification(
                type, datum.remote().toString(), data, Clock.system().now());
    }
}
