package dev.coterie.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * How soon the others know of a node that joins. The watching nodes, each with its own connection, are in up to four JVMs; in
 * a fifth one a node connects, registers, and leaves again.
 *
 * <p>{@code join}: from before it connects to the last watcher's callback; {@code register}: from before it registers on the
 * connection that it has, which is the same where connecting is joining; {@code update}: from before it changes what it has
 * registered, where a system can do that.
 */
final class B1Join {

    static final List<String> OPTIONS = List.of("peers", "nodes", "rounds", "profile");

    private static final int WARM_UP = 3;
    private static final int JVMS = 4;

    private final Fleet fleet;
    private final int watchers;
    private final Report report;
    private boolean canUpdate = true;

    private B1Join(Fleet fleet, int watchers, Report report) {
        this.fleet = fleet;
        this.watchers = watchers;
        this.report = report;
    }

    static void run(Args args, Report report) {
        List<String> profile = List.of(args.get("profile", "default"));
        for (String name : args.list("peers", "coterie,curator,jetcd,jgroups,hazelcast")) {
            for (Map<String, String> given : Peers.profiles(name, profile).values()) {
                for (int watchers : args.numbers("nodes", "2,20")) {
                    Map<String, String> options = new HashMap<>(given);
                    options.put("ports", Integer.toString(2 * watchers));
                    run(name, options, watchers, args.get("rounds", 20), report);
                }
            }
        }
    }

    private static void run(String name, Map<String, String> options, int watchers, int rounds, Report report) {
        try (Fleet fleet = new Fleet(name, options)) {
            new B1Join(fleet, watchers, report).rounds(rounds);
        } catch (Exception failure) {
            report.leaveOut(name, watchers + " watchers", failure);
        }
    }

    private void rounds(int rounds) throws Exception {
        for (int i = 0; i < watchers; i++) {
            String jvm = "w" + i % Math.min(watchers, JVMS);
            AgentProcess agent = fleet.agents().containsKey(jvm) ? fleet.agent(jvm) : fleet.startEmpty(jvm);
            agent.call("connect m" + i, "CONNECTED", 60);
            agent.call("register m" + i, "REGISTERED", 60);
            agent.call("members m" + i, "WATCHING", 60);
        }
        AgentProcess joiner = fleet.startEmpty("joiner");
        for (int round = -WARM_UP; round < rounds; round++) {
            round(joiner, "j" + (round + WARM_UP), round >= 0);
            Thread.sleep(100);
        }
    }

    private void round(AgentProcess joiner, String id, boolean counts) throws Exception {
        int mark = fleet.log().mark();
        AgentEvent joined = joiner.call("join " + id, "JOINED", 60);
        long seen = last(mark, "SEEN", id);
        if (counts) {
            add("join", joined.number(1), seen);
            add("register", joined.number(2), seen);
        }
        if (canUpdate) {
            update(joiner, id, counts);
        }
        mark = fleet.log().mark();
        AgentEvent left = joiner.call("close " + id, "CLOSED", 60);
        long gone = last(mark, "GONE", id);
        if (counts) {
            add("leave", left.number(1), gone);
        }
    }

    private void update(AgentProcess joiner, String id, boolean counts) throws Exception {
        int mark = fleet.log().mark();
        try {
            AgentEvent updated = joiner.call("update " + id, "UPDATED", 60);
            long seen = last(mark, "SEEN", id);
            if (counts) {
                add("update", updated.number(1), seen);
            }
        } catch (UnsupportedOperationException cannot) {
            canUpdate = false;
        }
    }

    /** When the last watcher was told. */
    private long last(int mark, String what, String id) throws InterruptedException, TimeoutException {
        return fleet
                .log()
                .awaitAll(mark, event -> event.isOf(what, id), watchers, 90_000, "all told: " + what + " " + id)
                .stream()
                .mapToLong(event -> event.number(1))
                .max()
                .orElseThrow();
    }

    private void add(String what, long from, long to) {
        report.add(fleet.peerName(), watchers + " watchers, " + what + " ms", (to - from) / 1e6);
    }
}
