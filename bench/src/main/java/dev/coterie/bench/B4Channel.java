package dev.coterie.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How much a channel carries and how long it takes, from one JVM to one of three others, and to all three. All systems are up
 * at once and take turns within a round.
 *
 * <p>{@code flood}: as fast as one thread may send; what the slowest receiver got, by the time from the first sending to its
 * last arrival. {@code one-way} and {@code round trip}: under a light load, stamped when really sent; of several receivers
 * the worst.
 */
final class B4Channel {

    static final List<String> OPTIONS = List.of("peers", "rounds", "warmup", "seconds", "max", "rate", "size");

    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FLOOD_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final List<String> ALL = List.of("r1", "r2", "r3");
    private static final List<String> ONE = List.of("r1");

    /** @param max messages of a flood */
    private record Load(int millis, int max, int rate, int size) {}

    private final Fleet fleet;
    private final Load load;
    private int tag;

    private B4Channel(Fleet fleet, Load load) {
        this.fleet = fleet;
        this.load = load;
    }

    static void run(Args args, Report report) throws Exception {
        Load load = new Load(
                args.get("seconds", 3) * 1000,
                args.get("max", 1_000_000),
                args.get("rate", 500),
                args.get("size", 100));
        List<B4Channel> all = new ArrayList<>();
        for (String name : args.list("peers", "coterie,nats,jgroups,jgroups-tuned,hazelcast,rabbitmq")) {
            try {
                all.add(start(name, load));
            } catch (Exception failure) {
                report.leaveOut(name, "", failure);
            }
        }
        Thread.sleep(2000);
        int warmUp = args.get("warmup", 2);
        for (int round = -warmUp; round < args.get("rounds", 5); round++) {
            System.out.println("round " + round + (round < 0 ? " (warm-up)" : ""));
            takeTurns(all, round < 0 ? new Report("warm-up", System.out) : report);
        }
        for (B4Channel channel : all) {
            channel.fleet.close();
        }
    }

    private static B4Channel start(String name, Load load) throws Exception {
        Fleet fleet = new Fleet(name, Map.of("joinwait", "0"));
        boolean started = false;
        try {
            for (String agent : List.of("s", "r1", "r2", "r3")) {
                fleet.start(agent).call("sink " + agent, "SINKING", 60);
            }
            started = true;
        } finally {
            if (!started) {
                fleet.close();
            }
        }
        return new B4Channel(fleet, load);
    }

    private static void takeTurns(List<B4Channel> all, Report report) throws InterruptedException {
        for (B4Channel channel : List.copyOf(all)) {
            try {
                channel.flood("r1", ONE, channel.load.max(), "1 to 1", report);
                channel.flood("*", ALL, channel.load.max() / 2, "1 to 3", report);
                channel.light("r1", ONE, "1 to 1", report);
                channel.light("*", ALL, "1 to 3", report);
            } catch (Exception failure) {
                report.leaveOut(channel.fleet.peerName(), "from here on", failure);
                all.remove(channel);
                channel.fleet.close();
            }
        }
    }

    private void flood(String to, List<String> receivers, int max, String what, Report report) throws Exception {
        reset();
        String command = "flood s " + to + " " + max + " " + load.millis() + " " + load.size();
        AgentEvent flooded = fleet.agent("s").call(command, "FLOODED", 120);
        long sent = flooded.number(1);
        double slowest = Double.MAX_VALUE;
        double arrived = 100;
        for (String receiver : receivers) {
            AgentEvent stat = awaitFlood(receiver, sent);
            slowest = Math.min(slowest, stat.number(1) / ((stat.number(2) - flooded.number(2)) / 1e9));
            arrived = Math.min(arrived, 100.0 * stat.number(1) / sent);
        }
        report.add(fleet.peerName(), what + " flood msgs/s received per receiver", slowest);
        if (arrived < 100) {
            report.add(fleet.peerName(), what + " flood, % that arrived", arrived);
        }
    }

    /** Waits until all is there, or nothing more comes. */
    private AgentEvent awaitFlood(String receiver, long sent) throws Exception {
        AgentEvent stat = stat(receiver);
        long deadline = System.nanoTime() + FLOOD_PATIENCE_NANOS;
        long before = -1;
        while (stat.number(1) < sent && System.nanoTime() < deadline) {
            if (stat.number(1) == before && System.nanoTime() - stat.number(2) > SILENCE_NANOS) {
                break;
            }
            before = stat.number(1);
            Thread.sleep(100);
            stat = stat(receiver);
        }
        if (stat.number(1) == 0) {
            throw new TimeoutException(receiver + " got nothing");
        }
        return stat;
    }

    private void light(String to, List<String> receivers, String what, Report report) throws Exception {
        reset();
        String command = "ping s " + to + " " + load.rate() + " " + load.millis() + " " + load.size();
        long sent = fleet.agent("s").call(command, "PINGED", 120).number(1);
        Thread.sleep(300);
        double[] worst = new double[3];
        double arrived = 100;
        for (String receiver : receivers) {
            AgentEvent stat = stat(receiver);
            arrived = Math.min(arrived, 100.0 * stat.number(3) / sent);
            for (int i = 0; i < worst.length; i++) {
                worst[i] = Math.max(worst[i], stat.decimal(4 + i));
            }
        }
        if (arrived < 100) {
            report.add(fleet.peerName(), what + " light load, % that arrived within 0.3 s", arrived);
        }
        if (arrived < 50) {
            return;
        }
        quantiles(what + " one-way", report, worst);
        if (receivers.size() == 1) {
            AgentEvent stat = stat("s");
            quantiles(what + " round trip", report, stat.decimal(9), stat.decimal(10), stat.decimal(11));
        }
    }

    private void quantiles(String what, Report report, double... micros) {
        report.add(fleet.peerName(), what + " p50 us", micros[0]);
        report.add(fleet.peerName(), what + " p99 us", micros[1]);
        report.add(fleet.peerName(), what + " p99.9 us", micros[2]);
    }

    /** What comes late from an earlier measurement has another tag, and is not counted. */
    private void reset() throws Exception {
        tag = (tag + 1) % 100;
        for (AgentProcess agent : fleet.agents().values()) {
            agent.call("reset " + agent.name() + " " + tag, "RESET", 20);
        }
    }

    private AgentEvent stat(String agent) throws Exception {
        return fleet.agent(agent).call("stat " + agent, "STAT", 20);
    }
}
