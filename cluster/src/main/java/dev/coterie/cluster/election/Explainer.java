package dev.coterie.cluster.election;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.election.Standings.Role;
import dev.coterie.cluster.election.Standings.Seat;
import dev.coterie.cluster.election.Standings.Standing;
import dev.coterie.cluster.membership.Membership.Registered;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts into words why the slots are held by whom they are. Of one moment; what it is given must not change meanwhile. */
final class Explainer {

    private final Slots slots;
    /** In the order in which they would become master, all else being equal. */
    private final List<Registered> members;

    private final Optional<String> aside;

    /**
     * Creates it.
     *
     * @param oldestFirst all members
     * @param aside the node that is known to stand aside, if there is one
     */
    Explainer(Slots slots, List<Registered> oldestFirst, Optional<String> aside) {
        this.slots = slots;
        this.members = Candidates.heaviestFirst(oldestFirst, Registered::member);
        this.aside = aside;
    }

    Standings explain(long revision) {
        List<Standing> standings = new ArrayList<>();
        slots.taken().forEach(slot -> member(slot.node()).ifPresent(master -> standings.add(master(slot, master))));
        List<Registered> line = line();
        for (int i = 0; i < line.size(); i++) {
            standings.add(inLine(line, i));
        }
        members.stream()
                .filter(one -> !line.contains(one) && !slots.isMaster(id(one)))
                .forEach(one -> standings.add(outside(one)));
        List<Seat> seats = Stream.concat(slots.taken().stream().map(Slot::number), slots.free().stream())
                .sorted()
                .map(number -> slots.at(number).map(this::taken).orElseGet(() -> free(number)))
                .toList();
        return new Standings(revision, seats, standings);
    }

    private List<Registered> line() {
        return members.stream()
                .filter(one -> one.member().eligible() && !slots.isMaster(id(one)) && !standsAside(one))
                .toList();
    }

    private Optional<Registered> member(String node) {
        return members.stream().filter(one -> id(one).equals(node)).findFirst();
    }

    private boolean standsAside(Registered one) {
        return aside.filter(id(one)::equals).isPresent();
    }

    // --- Slots ------------------------------------------------------------------------------------------------------

    private Seat taken(Slot slot) {
        Optional<Registered> master = member(slot.node());
        String how = slot.record().isEmpty()
                ? "what stands there is no master's record; whoever is promoted replaces it"
                : how(slot) + master.map(this::passedOver).orElse("; it is no member that is known here");
        return new Seat(
                slot.number(),
                slot.node(),
                master.map(Registered::member),
                slot.term(),
                slot.record().flatMap(record -> Optional.ofNullable(record.since())),
                how);
    }

    private static String how(Slot slot) {
        String how = slot.record()
                .flatMap(record -> Optional.ofNullable(record.how()))
                .orElse("became master");
        return how.equals(SlotRecord.ELECTED) ? "elected: it was first in line when the slot was free" : how;
    }

    private String passedOver(Registered master) {
        String heavier = line().stream()
                .filter(one -> one.member().weight() > master.member().weight())
                .map(one -> id(one) + " (" + weight(one) + ")")
                .collect(Collectors.joining(", "));
        return heavier.isEmpty()
                ? ""
                : "; heavier than it (" + weight(master) + "), but no reason to depose it: " + heavier;
    }

    private Seat free(int number) {
        String why = line().stream()
                .findFirst()
                .map(first -> "free: the first in line, " + id(first) + ", is to take it")
                .orElse("free: nobody is in line");
        return new Seat(number, "", Optional.empty(), 0, Optional.empty(), why);
    }

    // --- Members ----------------------------------------------------------------------------------------------------

    private static Standing master(Slot slot, Registered master) {
        String why = "has slot " + slot.number() + " since revision " + slot.term() + ": " + how(slot);
        return standing(master, Role.MASTER, Optional.of(slot.number()), 0, why);
    }

    private Standing inLine(List<Registered> line, int index) {
        Registered one = line.get(index);
        String why = slots.free().isEmpty() ? "all slots are taken, and weight deposes no master; " : "";
        return standing(
                one,
                Role.IN_LINE,
                Optional.empty(),
                index + 1,
                why + (index == 0 ? "first in line, with " + weight(one) : behind(line.get(index - 1), one)));
    }

    private static String behind(Registered before, Registered one) {
        String reason = before.member().weight() > one.member().weight()
                ? "heavier (" + weight(before) + ", not " + weight(one) + ")"
                : "as heavy (" + weight(one) + ") and older (registered at revision " + registered(before) + ", not "
                        + registered(one) + ")";
        return "behind " + id(before) + ", which is " + reason;
    }

    private Standing outside(Registered one) {
        return one.member().eligible()
                ? standing(
                        one,
                        Role.STANDING_ASIDE,
                        Optional.empty(),
                        0,
                        "has stepped down, and stands aside until another node has taken its slot")
                : standing(
                        one,
                        Role.NOT_ELIGIBLE,
                        Optional.empty(),
                        0,
                        "is not eligible until it is promoted on its own node");
    }

    private static Standing standing(Registered one, Role role, Optional<Integer> slot, int place, String why) {
        return new Standing(one.member(), role, slot, place, registered(one), why);
    }

    private static String id(Registered one) {
        return one.member().id();
    }

    private static long registered(Registered one) {
        return one.entry().createRevision();
    }

    private static String weight(Registered one) {
        Member member = one.member();
        return member.weight() == Math.rint(member.weight())
                ? String.format(Locale.ROOT, "weight %.0f", member.weight())
                : "weight " + member.weight();
    }
}
