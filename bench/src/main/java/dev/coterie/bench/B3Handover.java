package dev.coterie.bench;

import java.util.List;

/**
 * How soon another is master when the master leaves in good order: from the start of its {@code close()} to the next one's
 * callback, among three candidates in a JVM each, which live on and are warm.
 */
final class B3Handover {

    static final List<String> OPTIONS = List.of("peers", "profiles", "rounds");

    private static final int WARM_UP = 2;

    private B3Handover() {}

    static void run(Args args, Report report) {
        for (String name : args.list("peers", "coterie,curator,jetcd,hazelcast,jgroups")) {
            Peers.profiles(name, args.list("profiles", "default")).forEach((profile, options) -> {
                try (Fleet fleet = new Fleet(name, options)) {
                    rounds(fleet, profile, args.get("rounds", 20), report);
                } catch (Exception failure) {
                    report.leaveOut(name, profile, failure);
                }
            });
        }
    }

    private static void rounds(Fleet fleet, String profile, int rounds, Report report) throws Exception {
        for (int i = 0; i < 3; i++) {
            fleet.start("n" + i).call("campaign n" + i, "CAMPAIGNING", 60);
        }
        EventLog log = fleet.log();
        String master = log.await(0, event -> event.is("MASTER"), 60_000, "first master")
                .agent();
        for (int round = -WARM_UP; round < rounds; round++) {
            Thread.sleep(1000);
            String old = master;
            int mark = log.mark();
            AgentEvent closed = fleet.agent(old).call("close " + old, "CLOSED", 60);
            AgentEvent promoted = log.await(
                    mark, event -> event.is("MASTER") && !event.agent().equals(old), 60_000, "another master");
            if (round >= 0) {
                report.add(fleet.peerName(), profile + " hand-over ms", (promoted.number(1) - closed.number(1)) / 1e6);
            }
            master = promoted.agent();
            fleet.agent(old).call("connect " + old, "CONNECTED", 60);
            fleet.agent(old).call("campaign " + old, "CAMPAIGNING", 60);
        }
    }
}
