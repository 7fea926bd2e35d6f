package dev.coterie.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * How soon a dead node is noticed, among three candidates in a JVM each.
 *
 * <p>{@code kill}: SIGKILL to the master, until another says that it is master. {@code stop}: SIGSTOP instead; after that
 * SIGCONT, until the old master is told that it is not ({@code overlap}). {@code worker}: SIGKILL to one that is not master,
 * until the last of the others is told that it is gone.
 */
final class B2Failover {

    static final List<String> OPTIONS = List.of("peers", "profiles", "modes", "rounds", "patience");

    private static final long OVERLAP_MILLIS = 15_000;

    private final Fleet fleet;
    private final String profile;
    private final String mode;
    private final int patience;
    private final Report report;
    private final Random rest = new Random(1);
    private String master = "";
    private int started;

    private B2Failover(Fleet fleet, String profile, String mode, int patience, Report report) {
        this.fleet = fleet;
        this.profile = profile;
        this.mode = mode;
        this.patience = patience;
        this.report = report;
    }

    static void run(Args args, Report report) {
        for (String name : args.list("peers", "coterie,curator,jetcd,hazelcast,jgroups")) {
            Peers.profiles(name, args.list("profiles", "default")).forEach((profile, options) -> {
                for (String mode : args.list("modes", "kill,stop,worker")) {
                    run(name, profile, options, mode, args, report);
                }
            });
        }
    }

    private static void run(
            String name, String profile, Map<String, String> options, String mode, Args args, Report report) {
        try (Fleet fleet = new Fleet(name, options)) {
            new B2Failover(fleet, profile, mode, args.get("patience", 150), report).rounds(args.get("rounds", 10));
        } catch (Exception failure) {
            report.leaveOut(name, profile + " " + mode, failure);
        }
    }

    private void rounds(int rounds) throws Exception {
        for (int i = 0; i < 3; i++) {
            startCandidate();
        }
        master = fleet.log()
                .await(0, event -> event.is("MASTER"), 60_000, "first master")
                .agent();
        for (int i = 0; i < rounds; i++) {
            // All are in the queue, and what beats is at some phase of its beat.
            Thread.sleep(3000 + rest.nextInt(2000));
            switch (mode) {
                case "kill" -> kill();
                case "stop" -> stop();
                case "worker" -> killWorker();
                default -> throw new IllegalArgumentException("--modes: '" + mode + "' is none of kill, stop, worker");
            }
        }
    }

    private AgentProcess startCandidate() throws Exception {
        String name = "n" + started++;
        AgentProcess agent = fleet.start(name);
        if (mode.equals("worker")) {
            agent.call("register " + name, "REGISTERED", 60);
            agent.call("members " + name, "WATCHING", 60);
        }
        agent.call("campaign " + name, "CAMPAIGNING", 60);
        return agent;
    }

    private void kill() throws Exception {
        int mark = fleet.log().mark();
        AgentProcess victim = fleet.agent(master);
        failOver(victim, "KILL", mark);
        replace(victim, mark);
    }

    private void stop() throws Exception {
        int mark = fleet.log().mark();
        AgentProcess victim = fleet.agent(master);
        failOver(victim, "STOP", mark);
        resume(victim);
        replace(victim, mark);
    }

    private void failOver(AgentProcess victim, String signal, int mark) throws Exception {
        long start = System.nanoTime();
        victim.signal(signal);
        AgentEvent promoted = fleet.log()
                .await(
                        mark,
                        event -> event.is("MASTER") && !event.agent().equals(victim.name()),
                        patience * 1000L,
                        "another master");
        add("SIG" + signal + " failover", promoted.number(1) - start);
        master = promoted.agent();
    }

    private void resume(AgentProcess victim) throws Exception {
        int resumed = fleet.log().mark();
        long start = System.nanoTime();
        victim.signal("CONT");
        long overlap = OVERLAP_MILLIS * 1_000_000;
        try {
            overlap = fleet.log()
                            .await(
                                    resumed,
                                    event -> event.is("LOST") && event.agent().equals(victim.name()),
                                    OVERLAP_MILLIS,
                                    "told")
                            .number(1)
                    - start;
        } catch (TimeoutException notTold) {
            // Reported as the time waited.
        }
        add("overlap after CONT", overlap);
    }

    private void replace(AgentProcess victim, int mark) throws Exception {
        fleet.kill(victim);
        AgentProcess fresh = startCandidate();
        Thread.sleep(500);
        // Members that found each other again may have changed their mind: the youngest report of a living one counts.
        fleet.log()
                .since(
                        mark,
                        event -> event.is("MASTER")
                                && fleet.agents().containsKey(event.agent())
                                && !event.agent().equals(fresh.name()))
                .forEach(event -> master = event.agent());
    }

    private void killWorker() throws Exception {
        AgentProcess victim = fleet.agents().values().stream()
                .filter(agent -> !agent.name().equals(master))
                .findFirst()
                .orElseThrow();
        int mark = fleet.log().mark();
        long start = System.nanoTime();
        victim.signal("KILL");
        long last = fleet
                .log()
                .awaitAll(
                        mark,
                        event -> event.isOf("GONE", victim.name()),
                        fleet.agents().size() - 1,
                        patience * 1000L,
                        "all told of " + victim.name())
                .stream()
                .mapToLong(event -> event.number(1))
                .max()
                .orElseThrow();
        add("SIGKILL of a worker, last to be told", last - start);
        fleet.kill(victim);
        startCandidate();
    }

    private void add(String what, long nanos) {
        report.add(fleet.peerName(), String.format(Locale.ROOT, "%s %s ms", profile, what), nanos / 1e6);
    }
}
