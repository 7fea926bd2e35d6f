package dev.coterie.bench;

import dev.coterie.bench.host.Processes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How many durable tasks a second, and how long one takes: one JVM submits and hears the results, two work. All systems are
 * up at once and take turns within a round; every result is checked.
 *
 * <p>At most {@code window} submissions are unconfirmed; a task is multiplied by three, its result stored, the task
 * acknowledged. Tasks a second: from the first submission to the last result. Then, at a low rate, from a submission to its
 * result.
 */
final class B5Tasks {

    static final List<String> OPTIONS = List.of("peers", "rounds", "warmup", "n", "window", "rate", "size");

    private static final int TASKS = 20_000;

    /** How many tasks a round has for those that would take too long. */
    private static final Map<String, Integer> FEWER_TASKS = Map.of("curator", 500, "jetcd", 4000);

    private B5Tasks() {}

    static void run(Args args, Report report) throws Exception {
        Map<String, Fleet> fleets = new LinkedHashMap<>();
        for (String name : args.list("peers", "coterie,nats,rabbitmq,rabbitmq-quorum,hazelcast,jetcd,curator")) {
            try {
                fleets.put(name, start(name));
            } catch (Exception failure) {
                report.leaveOut(name, "", failure);
            }
        }
        Thread.sleep(2000);
        int warmUp = args.get("warmup", 2);
        for (int round = -warmUp; round < args.get("rounds", 5); round++) {
            System.out.println("round " + round + (round < 0 ? " (warm-up)" : ""));
            takeTurns(fleets, args, round < 0 ? new Report("warm-up", System.out) : report);
        }
        for (Fleet fleet : fleets.values()) {
            fleet.close();
        }
    }

    private static Fleet start(String name) throws Exception {
        Fleet fleet = new Fleet(name, Map.of("joinwait", "0", "ttl", "30"));
        boolean started = false;
        try {
            fleet.start("p").call("results p q", "RESULTS", 60);
            for (String worker : List.of("w1", "w2")) {
                fleet.start(worker).call("work " + worker + " q", "WORKING", 60);
            }
            started = true;
        } finally {
            if (!started) {
                fleet.close();
            }
        }
        return fleet;
    }

    private static void takeTurns(Map<String, Fleet> fleets, Args args, Report report) throws InterruptedException {
        for (Map.Entry<String, Fleet> entry : List.copyOf(fleets.entrySet())) {
            Fleet fleet = entry.getValue();
            try {
                flood(fleet, args.get("n", FEWER_TASKS.getOrDefault(fleet.peerName(), TASKS)), args, report);
                trickle(fleet, args, report);
            } catch (Exception failure) {
                report.leaveOut(fleet.peerName(), "from here on", failure);
                fleets.remove(entry.getKey());
                fleet.close();
            }
        }
    }

    private static void flood(Fleet fleet, int n, Args args, Report report) throws Exception {
        long server = fleet.server().pid();
        double cpu = server > 0 ? Processes.cpuSeconds(server) : 0;
        String command = "produce p " + n + " " + args.get("window", 1000) + " " + args.get("size", 100);
        AgentEvent produced = fleet.agent("p").call(command, "PRODUCED", 180);
        long missing = produced.number(3);
        if (missing + produced.number(4) + produced.number(5) > 0) {
            report.note(
                    fleet.peerName(),
                    missing + " results missing, " + produced.number(4) + " unexpected, " + produced.number(5)
                            + " submissions failed");
        }
        double submitted = (produced.number(1) - produced.number(0)) / 1e9;
        double answered = (produced.number(2) - produced.number(0)) / 1e9;
        report.add(fleet.peerName(), "tasks/s end to end (n=" + n + ")", (n - missing) / answered);
        report.add(fleet.peerName(), "confirmed submissions/s while workers run", n / submitted);
        if (server > 0) {
            report.add(fleet.peerName(), "server CPU us per task", (Processes.cpuSeconds(server) - cpu) * 1e6 / n);
        }
    }

    private static void trickle(Fleet fleet, Args args, Report report) throws Exception {
        int rate = args.get("rate", 50);
        String command = "trickle p " + rate + " " + rate * 4 + " " + args.get("size", 100);
        AgentEvent trickled = fleet.agent("p").call(command, "TRICKLED", 120);
        if (trickled.number(0) + trickled.number(1) > 0) {
            report.note(
                    fleet.peerName(),
                    "low rate: " + trickled.number(0) + " missing, " + trickled.number(1) + " unexpected");
        }
        report.add(fleet.peerName(), "submit to result p50 us at " + rate + "/s", trickled.decimal(3));
        report.add(fleet.peerName(), "submit to result p99 us at " + rate + "/s", trickled.decimal(4));
    }
}
