package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.lan.Hello.Own;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Another node, by its own hellos. On the event loop. */
final class Seen {

    /** How the demo applications on both sides make their ids. */
    private static final Pattern NAMED = Pattern.compile("(.+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private final String id;
    private final Instant firstSeen;
    private Member member;
    private Hello hello;
    private InetSocketAddress from;
    private boolean master;
    private long term;
    private int slot = -1;
    private long lastNumber;
    private long lastSeen;
    private long nextProbe;

    Seen(Packet packet, Hello hello, InetSocketAddress from, Instant firstSeen) {
        this.id = packet.sender();
        this.firstSeen = firstSeen;
        this.hello = hello;
        this.from = from;
        this.lastNumber = packet.number();
        this.member = describe(packet, hello.advertisement() == null ? Map.of() : hello.advertisement());
    }

    /** Whether a hello was overtaken by one that came before it. */
    boolean isOvertaken(Packet packet) {
        return packet.number() != 0 && packet.number() <= lastNumber;
    }

    /** Whether a hello is the last one again, and that one counts as it stands. */
    boolean saysTheSame(Hello newHello, InetSocketAddress newFrom) {
        return newHello.equals(hello) && newFrom.equals(from) && master == hello.master();
    }

    /** The same has come again. */
    void again(Packet packet) {
        lastNumber = packet.number();
    }

    /** Another hello has come. */
    void update(Packet packet, Hello newHello, InetSocketAddress newFrom) {
        Map<String, Object> silent = newHello.own() == null ? member.info() : Map.of();
        hello = newHello;
        from = newFrom;
        lastNumber = packet.number();
        member = describe(packet, newHello.advertisement() == null ? silent : newHello.advertisement());
    }

    private Member describe(Packet packet, Map<String, Object> info) {
        Own own = hello.own();
        return new Member(
                id,
                own == null ? nameOf(id) : own.name(),
                packet.host(),
                from.getAddress().getHostAddress(),
                from.getPort(),
                own == null ? hello.weight() : own.weight(),
                own == null ? hello.eligible() : own.eligible(),
                info,
                own == null ? List.of() : own.services(),
                own == null ? firstSeen : own.startedAt(),
                own == null ? "node-discover" : own.version());
    }

    private static String nameOf(String id) {
        Matcher named = NAMED.matcher(id);
        return named.matches() ? named.group(1) : id;
    }

    Rank rank() {
        return new Rank(hello.weight(), plain(), member.startedAt(), id);
    }

    boolean plain() {
        return hello.own() == null;
    }

    /** Whether it would become master now. */
    boolean candidate() {
        return hello.eligible() && !master;
    }

    /** Whether it could become master, but waits for another to have been it first. */
    boolean standsAside() {
        return hello.own() != null && hello.own().eligible() && !hello.eligible() && !master;
    }

    boolean sameAddress(Seen other) {
        return from.equals(other.from);
    }

    Peer peer(boolean shared) {
        return new Peer(member, from, plain(), shared);
    }

    void master(long newTerm, int newSlot) {
        master = true;
        term = newTerm;
        slot = newSlot;
    }

    void notMaster() {
        master = false;
        slot = -1;
    }

    boolean isMaster() {
        return master;
    }

    /** Whether it was master in another term than this before. */
    boolean isMasterIn(long otherTerm) {
        return master && term == otherTerm;
    }

    /** Of the master that has handed over to it; empty if none has. */
    String replaces() {
        return hello.own() == null ? "" : Objects.requireNonNullElse(hello.own().replaces(), "");
    }

    String id() {
        return id;
    }

    Member member() {
        return member;
    }

    Hello hello() {
        return hello;
    }

    long term() {
        return term;
    }

    int slot() {
        return slot;
    }

    long lastSeen() {
        return lastSeen;
    }

    void lastSeen(long nanos) {
        lastSeen = nanos;
    }

    long nextProbe() {
        return nextProbe;
    }

    void nextProbe(long nanos) {
        nextProbe = nanos;
    }
}
