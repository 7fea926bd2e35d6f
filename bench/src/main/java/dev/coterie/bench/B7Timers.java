package dev.coterie.bench;

import java.util.List;
import java.util.Locale;

/**
 * Durable timers. Schedules jobs an hour ahead as ballast, in batches; measures single calls by one and by four threads; then
 * lets jobs fire at a fixed rate in two JVMs, and says how late they were.
 */
final class B7Timers {

    static final List<String> OPTIONS = List.of("peers", "profiles", "pending", "due", "rate", "rounds", "single");

    private static final long HOUR_MILLIS = 3_600_000;
    private static final long LEAD_MILLIS = 5000;
    private static final List<String> FIRING = List.of("f1", "f2");

    private final Fleet fleet;
    private final String at;
    private final Args args;
    private final Report report;

    private B7Timers(Fleet fleet, String profile, int pending, Args args, Report report) {
        this.fleet = fleet;
        this.at = String.format(Locale.ROOT, "%s, %,d pending, ", profile, pending);
        this.args = args;
        this.report = report;
    }

    static void run(Args args, Report report) {
        for (String name : args.list("peers", "coterie,dbscheduler")) {
            Peers.profiles(name, args.list("profiles", "default,fast")).forEach((profile, options) -> {
                for (int pending : args.numbers("pending", "10000,100000")) {
                    try (Fleet fleet = new Fleet(name, options)) {
                        new B7Timers(fleet, profile, pending, args, report).rounds(pending);
                    } catch (Exception failure) {
                        report.leaveOut(name, profile + " " + pending, failure);
                    }
                }
            });
        }
    }

    private void rounds(int pending) throws Exception {
        fleet.start("s");
        for (String firing : FIRING) {
            fleet.start(firing).call("fire " + firing, "FIRING", 60);
        }
        scheduleAhead(pending);
        for (int round = 0; round < args.get("rounds", 3); round++) {
            scheduleSingly(round);
            fire(round);
        }
    }

    private void scheduleAhead(int pending) throws Exception {
        long hour = System.currentTimeMillis() + HOUR_MILLIS;
        AgentEvent scheduled =
                fleet.agent("s").call("schedule s pending " + pending + " " + hour + " 1000 0", "SCHEDULED", 180);
        report.add(fleet.peerName(), at + "scheduled/s, batches of 1,000", pending / (scheduled.number(2) / 1e9));
    }

    private void scheduleSingly(int round) throws Exception {
        int single = args.get("single", 1000);
        long hour = System.currentTimeMillis() + HOUR_MILLIS;
        for (int threads : List.of(1, 4)) {
            String prefix = "single" + round + "x" + threads;
            AgentEvent scheduled = fleet.agent("s")
                    .call("schedule s " + prefix + " " + single + " " + hour + " 1000 " + threads, "SCHEDULED", 120);
            report.add(
                    fleet.peerName(),
                    at + "scheduled/s, single calls, " + threads + " thread(s)",
                    single / (scheduled.number(2) / 1e9));
        }
    }

    private void fire(int round) throws Exception {
        int due = args.get("due", 1000);
        int rate = args.get("rate", 100);
        long before = fired(new double[2]);
        long first = System.currentTimeMillis() + LEAD_MILLIS;
        fleet.agent("s").call("schedule s due" + round + " " + due + " " + first + " " + rate + " 0", "SCHEDULED", 60);
        if (System.currentTimeMillis() > first) {
            report.note(fleet.peerName(), "scheduling took longer than the lead of 5 s; lateness has that in it");
        }
        long end = first + due * 1000L / rate + 60_000;
        while (fired(new double[2]) - before < due && System.currentTimeMillis() < end) {
            Thread.sleep(500);
        }
        double[] worst = new double[2];
        long fired = fired(worst) - before;
        if (fired != due) {
            report.note(fleet.peerName(), fired + " of " + due + " fired");
        }
        report.add(fleet.peerName(), at + "lateness p50 ms (cumulative)", worst[0]);
        report.add(fleet.peerName(), at + "lateness p99 ms (cumulative)", worst[1]);
    }

    /** How many have fired so far; and how late, of the worse JVM. */
    private long fired(double[] worst) throws Exception {
        long sum = 0;
        for (String firing : FIRING) {
            AgentEvent lateness = fleet.agent(firing).call("lateness " + firing, "LATENESS", 20);
            sum += lateness.number(1);
            worst[0] = Math.max(worst[0], lateness.decimal(3) / 1e3);
            worst[1] = Math.max(worst[1], lateness.decimal(4) / 1e3);
        }
        return sum;
    }
}
