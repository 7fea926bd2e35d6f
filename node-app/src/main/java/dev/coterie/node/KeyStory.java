package dev.coterie.node;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.channel.LinkChannels;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.election.Election;
import dev.coterie.cluster.election.Holding;
import dev.coterie.cluster.membership.MemberRecord;
import dev.coterie.cluster.membership.Registration;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Entry;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What changes of keys mean: who came and went, who became master, who joined which channel, what became of tasks.
 * Single-threaded.
 */
final class KeyStory {

    /** What a line can be about, for those who choose. */
    static final List<String> KINDS = List.of("member", "master", "channel", "task", "timer", "key");

    private final String prefix;
    private final Map<String, Member> members = new HashMap<>();
    private final Map<Integer, String> masters = new HashMap<>();
    private final TaskStory tasks = new TaskStory();

    /**
     * A thing that happened.
     *
     * @param kind one of {@link #KINDS}
     * @param event what happened
     * @param words for people; empty if the event has words of its own
     */
    record Told(String kind, String event, Fields fields, String words) {}

    KeyStory(String prefix) {
        this.prefix = prefix;
    }

    /** How things stand, when nothing was known or some of it has been missed: tells the difference. */
    List<Told> present(Sight sight) {
        List<Told> told = new ArrayList<>();
        Set<String> there = new HashSet<>();
        for (Member member : sight.members().members()) {
            String place = place(member);
            there.add(place);
            told.addAll(written(place, member));
        }
        Set<String> gone = new HashSet<>(members.keySet());
        gone.removeAll(there);
        gone.forEach(place -> told.addAll(deleted(place)));
        sight.masters().stream()
                .filter(held -> !held.node().equals(masters.get(held.slot())))
                .forEach(held -> told.addAll(written(held)));
        return told;
    }

    /** What a change means; nothing if it is of no interest. */
    List<Told> of(Change change) {
        String key = change.key();
        if (!key.startsWith(prefix)) {
            return List.of();
        }
        String name = key.substring(prefix.length());
        if (name.startsWith(Registration.DIRECTORY)) {
            return member(change);
        } else if (name.startsWith(Election.DIRECTORY)) {
            return master(change, name.substring(Election.DIRECTORY.length()));
        } else if (name.startsWith(LinkChannels.DIRECTORY)) {
            return channel(change, name.substring(LinkChannels.DIRECTORY.length()));
        } else if (name.startsWith("journal/")) {
            return change instanceof Change.Written written ? tasks.of(written.entry()) : List.of();
        }
        return List.of(other(change, name));
    }

    private List<Told> member(Change change) {
        Optional<Member> member = change instanceof Change.Written written
                ? MemberRecord.read(written.entry().value())
                : Optional.empty();
        return member.map(known -> written(place(known), known)).orElseGet(() -> deleted(place(change.key())));
    }

    /** As a place, not as a key: a look from outside knows no keys. */
    private static String place(Member member) {
        return MembersCommand.place(member);
    }

    private String place(String key) {
        String place = key.substring(prefix.length() + Registration.DIRECTORY.length());
        boolean hasPort = place.indexOf(':') == place.lastIndexOf(':') ? place.contains(":") : place.contains("]:");
        if (hasPort) {
            return place;
        }
        return (place.contains(":") ? "[" + place + "]" : place) + ":" + ClusterConfig.DEFAULT_PORT;
    }

    private List<Told> written(String place, Member member) {
        Member before = members.put(place, member);
        if (before != null && before.id().equals(member.id())) {
            return before.equals(member)
                    ? List.of()
                    : List.of(new Told("member", "updated", Words.of(member).and("info", member.info()), ""));
        }
        List<Told> told = new ArrayList<>();
        if (before != null) {
            told.add(new Told("member", "removed", Words.of(before), ""));
        }
        told.add(new Told("member", "added", Words.of(member), ""));
        return told;
    }

    private List<Told> deleted(String place) {
        Member gone = members.remove(place);
        return List.of(
                gone == null
                        ? new Told("member", "removed", Fields.NONE.and("place", place), "- " + place + " has gone")
                        : new Told("member", "removed", Words.of(gone), ""));
    }

    private List<Told> master(Change change, String number) {
        if (change instanceof Change.Written written) {
            return Holding.read(prefix + Election.DIRECTORY, written.entry())
                    .map(this::written)
                    .orElse(List.of());
        }
        if (!number.matches("[0-9]{1,9}")) {
            return List.of();
        }
        int slot = Integer.parseInt(number);
        String last = masters.remove(slot);
        Fields fields = Fields.NONE.and("slot", slot).and("id", last == null ? "" : last);
        String who = last == null ? "its master" : Event.name(last);
        return List.of(new Told("master", "vacant", fields, "slot " + slot + " is free: " + who + " has left it"));
    }

    private List<Told> written(Holding held) {
        masters.put(held.slot(), held.node());
        Fields fields = Fields.NONE
                .and("id", held.node())
                .and("name", Event.name(held.node()))
                .and("slot", held.slot())
                .and("term", held.term())
                .and("how", held.how());
        String words = Event.name(held.node()) + " IS MASTER of slot " + held.slot() + " in term " + held.term()
                + (held.how().isEmpty() ? "" : ", " + named(held.how()));
        return List.of(new Told("master", "master", fields, words));
    }

    /** How it came to be, with the node in it named as people do. */
    private static String named(String how) {
        return Stream.of(how.split(" ", -1)).map(Event::name).collect(Collectors.joining(" "));
    }

    private static List<Told> channel(Change change, String name) {
        int slash = name.indexOf('/');
        if (slash < 0) {
            return List.of();
        }
        boolean joins = change instanceof Change.Written;
        String node = name.substring(slash + 1);
        String channel = name.substring(0, slash);
        return List.of(new Told(
                "channel",
                joins ? "joined" : "parted",
                Fields.NONE.and("channel", channel).and("id", node).and("name", Event.name(node)),
                Event.name(node) + (joins ? " has joined channel " : " has left channel ") + channel));
    }

    private static Told other(Change change, String name) {
        Fields fields = Fields.NONE.and("key", name);
        return change instanceof Change.Written written
                ? new Told(
                        "key",
                        "put",
                        fields.and("value", written.entry().text()),
                        name + " was written: " + text(written.entry()))
                : new Told("key", "deleted", fields, name + " was deleted");
    }

    private static String text(Entry entry) {
        return Table.fit(Table.printable(entry.text()), 80);
    }
}
