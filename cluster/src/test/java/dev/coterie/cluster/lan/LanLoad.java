package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Channels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** The load that {@code agent.js} makes and counts, made and counted here in the same way. */
final class LanLoad {

    private static final long HALF_A_MILLI = 500_000;
    private static final long SHORT_NANOS = 20_000;

    private final Channels channels;
    private long count;
    private long disordered;
    private long highest = -1;
    private double first;
    private double last;

    LanLoad(Channels channels) {
        this.channels = channels;
    }

    /** Counts and checks what arrives on {@code flood}, answers {@code ping} with {@code pong}. */
    void receive() {
        channels.join("flood", String.class, (text, from) -> take(text));
        channels.join("ping", String.class, (text, from) -> channels.send("pong", text));
    }

    private synchronized void take(String text) {
        long number = number(text);
        if (number < highest) {
            disordered++;
        } else {
            highest = number;
        }
        last = LanAgent.now();
        if (count++ == 0) {
            first = last;
        }
    }

    /** What was counted since the last time. */
    synchronized Map<String, Object> count() {
        Map<String, Object> counted = Map.of("n", count, "first", first, "last", last, "disordered", disordered);
        count = 0;
        disordered = 0;
        highest = -1;
        return counted;
    }

    /** So many messages a second, or as many as can be sent if the rate is 0. */
    Map<String, Object> flood(JsonNode command) {
        int rate = command.path("rate").asInt();
        double seconds = command.path("seconds").asDouble();
        String pad = "x".repeat(command.path("size").asInt());
        long total = (long) (rate * seconds);
        double from = LanAgent.now();
        long cpu = LanAgent.cpuMicros();
        long sent = 0;
        double elapsed = 0;
        while (elapsed < seconds && (rate == 0 || sent < total)) {
            elapsed = (LanAgent.now() - from) / 1000;
            long due = rate == 0 ? sent + 32 : Math.min(total, (long) (elapsed * rate));
            for (; sent < due; sent++) {
                channels.send("flood", text(sent, pad));
            }
            if (rate != 0) {
                LockSupport.parkNanos(SHORT_NANOS);
            }
        }
        return Map.of(
                "sent", sent, "seconds", (LanAgent.now() - from) / 1000, "t0", from, "us", LanAgent.cpuMicros() - cpu);
    }

    /** Round trips of a payload. */
    Map<String, Object> pings(JsonNode command) {
        int rate = command.path("rate").asInt();
        int total = (int) (rate * command.path("seconds").asDouble());
        String pad = "x".repeat(command.path("size").asInt());
        double[] sentAt = new double[total];
        double[] took = new double[total];
        channels.join("pong", String.class, (text, from) -> {
            int number = (int) number(text);
            took[number] = LanAgent.now() - sentAt[number];
        });
        double from = LanAgent.now();
        for (int sent = 0; sent < total; ) {
            int due = Math.min(total, (int) ((LanAgent.now() - from) * rate / 1000));
            for (; sent < due; sent++) {
                sentAt[sent] = LanAgent.now();
                channels.send("ping", text(sent, pad));
            }
            LockSupport.parkNanos(HALF_A_MILLI);
        }
        LockSupport.parkNanos(1000 * HALF_A_MILLI);
        channels.leave("pong");
        List<Double> trips = Arrays.stream(took).filter(one -> one > 0).boxed().toList();
        return Map.of("sent", total, "trips", trips);
    }

    private static String text(long number, String pad) {
        return (number + " " + pad).substring(0, pad.length());
    }

    private static long number(String text) {
        return Long.parseLong(text, 0, text.indexOf(' '), 10);
    }
}
