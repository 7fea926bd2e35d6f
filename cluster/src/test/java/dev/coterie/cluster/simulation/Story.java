package dev.coterie.cluster.simulation;

import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.DiscoveryEvent.Change;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Rejoined;
import dev.coterie.cluster.discovery.DiscoveryEvent.SessionLost;
import dev.coterie.cluster.discovery.Member;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What one process was told, held against what may be told. */
final class Story {

    private final World world;
    private final SimulatedNode node;
    /** The other members, by what the events have said. */
    private final Set<String> others = new LinkedHashSet<>();

    private final Map<String, Integer> lastHeard = new HashMap<>();
    private boolean initialised;
    private boolean lost;
    private long term;
    private long lastTerm;
    /** By slot. */
    private final Map<Integer, Long> lastMasterTerms = new HashMap<>();

    private long lastViewRevision;

    Story(World world, SimulatedNode node) {
        this.world = world;
        this.node = node;
    }

    void told(DiscoveryEvent event) {
        if (event instanceof Init init) {
            note("init " + names(init.view().members()));
            check(!initialised, "init twice");
            initialised = true;
            lastViewRevision = init.view().revision();
            init.view().members().stream().filter(this::isOther).forEach(member -> others.add(member.id()));
        } else if (event instanceof MemberAdded added) {
            note("added " + added.member().id());
            check(
                    others.add(added.member().id()),
                    "added twice: " + added.member().id());
        } else if (event instanceof MemberRemoved removed) {
            note("removed " + removed.member().id());
            check(
                    others.remove(removed.member().id()),
                    "removed, but not there: " + removed.member().id());
        } else if (event instanceof MemberUpdated updated) {
            note("updated " + updated.member().id() + " " + updated.member().info());
        } else if (event instanceof Change change) {
            note("change " + names(change.view().members()));
            check(change.view().revision() > lastViewRevision, "a view that is not newer");
            lastViewRevision = change.view().revision();
            Set<String> seen = change.view().members().stream()
                    .filter(this::isOther)
                    .map(Member::id)
                    .collect(Collectors.toSet());
            check(seen.equals(others), "the events make " + others + " of the view " + seen);
        } else {
            toldOfMastership(event);
        }
        check(initialised, event + " before init");
    }

    private void toldOfMastership(DiscoveryEvent event) {
        if (event instanceof Promoted promoted) {
            note("promoted, term " + promoted.mastership().term());
            check(term == 0, "promoted twice");
            check(promoted.mastership().term() > lastTerm, "promoted for a term that is over");
            term = promoted.mastership().term();
            lastTerm = term;
        } else if (event instanceof Demoted demoted) {
            note("demoted, term " + demoted.mastership().term() + ": " + demoted.reason());
            check(demoted.mastership().term() == term, "demoted from what it does not hold");
            check(!demoted.mastership().isValid(), "demoted, and still valid");
            term = 0;
        } else if (event instanceof MasterChanged master) {
            note("master " + master.member().id() + ", slot " + master.slot() + ", term " + master.term());
            long before = lastMasterTerms.getOrDefault(master.slot(), 0L);
            check(master.term() > before, "an older master after a newer one");
            lastMasterTerms.put(master.slot(), master.term());
        } else if (event instanceof SessionLost loss) {
            note("lost: " + loss.reason());
            check(!lost && term == 0, "lost twice, or with a mastership");
            lost = true;
        } else if (event instanceof Rejoined rejoined) {
            note("rejoined as " + rejoined.member().id());
            check(lost, "rejoined without a loss");
            lost = false;
        }
    }

    /** A number on the channel, from a sender that counts upwards. */
    void heard(String sender, int number) {
        int before = lastHeard.getOrDefault(sender, 0);
        check(number > before, "heard " + number + " after " + before + " from " + sender);
        lastHeard.put(sender, number);
    }

    boolean initialised() {
        return initialised;
    }

    boolean lost() {
        return lost;
    }

    /** The terms of the last masters it was told of, by slot. */
    Map<Integer, Long> lastMasterTerms() {
        return lastMasterTerms;
    }

    /** The last number heard of a sender; 0 if none was. */
    int lastHeard(String sender) {
        return lastHeard.getOrDefault(sender, 0);
    }

    private boolean isOther(Member member) {
        return !member.address().equals(node.host());
    }

    private static String names(java.util.List<Member> members) {
        return members.stream().map(Member::name).collect(Collectors.joining(" "));
    }

    private void note(String what) {
        world.note(node.name(), what);
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            world.violated(node.name() + ": " + otherwise);
        }
    }
}
