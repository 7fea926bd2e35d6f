package dev.coterie.cluster.simulation;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StateCalls;
import java.time.Duration;
import java.util.List;

/** Sees who ends whose session, and whether that may be: no minority evicts anybody, and nobody does in peace. */
final class Evictions {

    /** What a look, its answers and the store may take after the links were cut. */
    private static final Duration ALL_WELL = Duration.ofSeconds(15);

    /** After so long without a change, a look shows how things are. */
    private static final Duration STEADY = Duration.ofSeconds(6);

    /** With so many members, everybody else is asked. */
    private static final int ALL_ASKED = 5;

    private final World world;
    private final SimulatedEtcd etcd;
    private final SimulatedNetwork network;
    private final List<SimulatedNode> nodes;
    private long peaceSince = Long.MAX_VALUE;
    private int count;

    Evictions(World world, SimulatedEtcd etcd, SimulatedNetwork network, List<SimulatedNode> nodes) {
        this.world = world;
        this.etcd = etcd;
        this.network = network;
        this.nodes = nodes;
        etcd.onRevocation(this::revoking);
    }

    int count() {
        return count;
    }

    /** Nothing is wrong from now on. */
    void peace() {
        peaceSince = world.now();
    }

    private void revoking(String who, long lease) {
        SimulatedNode by = nodes.stream()
                .filter(node -> node.name().equals(who))
                .findFirst()
                .orElseThrow();
        StateCalls.range(etcd.state(), Range.prefix("services/")).entries().stream()
                .filter(entry -> entry.lease() == lease && !entry.key().equals("services/" + by.host()))
                .findFirst()
                .ifPresent(entry -> evicting(by, entry));
    }

    private void evicting(SimulatedNode by, Entry registration) {
        count++;
        SimulatedNode suspect = nodes.stream()
                .filter(node -> registration.key().equals("services/" + node.host()))
                .findFirst()
                .orElseThrow();
        List<Member> members = by.cluster().view().members();
        long reached = members.stream()
                .filter(member -> couldReach(by, member.address()))
                .count();
        boolean restDead = members.stream()
                .allMatch(member -> couldReach(by, member.address()) || network.wasDead(member.address()));
        world.note(by.name(), "evicts " + suspect.name() + ", in touch with " + reached + " of " + members.size());
        if (2 * reached < members.size() || (2 * reached == members.size() && !restDead)) {
            world.violated(by.name() + " evicts " + suspect.name() + " though it reaches only " + reached + " of "
                    + members.size());
        }
        checkOthers(by, suspect);
        boolean calm = world.now() - peaceSince > ALL_WELL.toNanos() && suspect.hasRunFor(ALL_WELL);
        if (peaceSince < Long.MAX_VALUE && calm) {
            world.violated(by.name() + " evicts " + suspect.name() + " in peace");
        }
    }

    /** Where all others are asked, nobody is evicted that one of them reaches. */
    private void checkOthers(SimulatedNode by, SimulatedNode suspect) {
        boolean clear = network.steadyFor(STEADY)
                && suspect.hasRunFor(STEADY)
                && by.cluster().view().members().size() <= ALL_ASKED;
        nodes.stream()
                .filter(node -> clear && node != by && node != suspect && node.hasRunFor(STEADY))
                .filter(node -> node.cluster()
                        .view()
                        .member(suspect.cluster().self().id())
                        .isPresent())
                .filter(node -> network.talk(node.host(), by.host()) && network.talk(node.host(), suspect.host()))
                .findFirst()
                .ifPresent(node -> world.violated(
                        by.name() + " evicts " + suspect.name() + ", which " + node.name() + " reaches"));
    }

    /** Lately. To hear of a node is enough. */
    private boolean couldReach(SimulatedNode by, String host) {
        return host.equals(by.host()) || (network.wasAlive(host) && network.couldSend(host, by.host()));
    }
}
