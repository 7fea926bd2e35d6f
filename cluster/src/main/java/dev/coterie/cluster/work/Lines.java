package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The master's ends of its conversations with the nodes: which there are, and what is to be said on them. On the loop. */
final class Lines {

    private static final Logger log = LoggerFactory.getLogger(Lines.class);

    private static final int MOST_EARLY = 10_000;

    /** A node that does not take its messages is not talked to any more. */
    private static final long MOST_QUEUED = 64 << 20;

    private final EventLoop loop;
    private final BiPredicate<Member, byte[]> links;
    private final long term;
    private final Map<String, NodeLine> byMember = new LinkedHashMap<>();
    private final List<NodeLine> dirty = new ArrayList<>();

    /** Who spoke to this master before it was ready, or before it was seen as a member. */
    private final Map<String, Member> early = new LinkedHashMap<>();

    /**
     * None yet.
     *
     * @param links sends a message to a member, or has no room for it
     */
    Lines(EventLoop loop, BiPredicate<Member, byte[]> links, long term) {
        this.loop = loop;
        this.links = links;
        this.term = term;
    }

    Collection<NodeLine> all() {
        return byMember.values();
    }

    void close() {
        byMember.values().forEach(NodeLine::close);
    }

    // --- Which there are --------------------------------------------------------------------------------------------

    /** Closes those of nodes that are no members any more, and tells which these are. */
    List<NodeLine> retain(Set<String> members) {
        List<NodeLine> gone = byMember.values().stream()
                .filter(line -> !members.contains(line.member.id()))
                .toList();
        gone.forEach(this::close);
        return gone;
    }

    private void close(NodeLine line) {
        byMember.remove(line.member.id(), line);
        line.close();
    }

    /** Somebody speaks who cannot be heard yet, and whose words are not kept. */
    void early(Member from) {
        if (early.size() < MOST_EARLY) {
            early.put(from.id(), from);
        }
    }

    /** Those that spoke too early say it again, now that they are heard. */
    void greetEarly(Set<String> members) {
        List<Member> heard = early.values().stream()
                .filter(from -> members.contains(from.id()))
                .toList();
        early.clear();
        heard.forEach(from -> askAgain(from, Long.MAX_VALUE >> 1));
    }

    /** The line on which a message is heard; null if it is not, since one before it was not either. */
    @Nullable
    NodeLine hear(Member from, long conversation, long number) {
        NodeLine line = byMember.get(from.id());
        if (number == 1 && (line == null || line.conversation < conversation)) {
            line = begin(from, conversation);
        }
        if (line == null || line.conversation != conversation || line.expected != number) {
            if (line == null || line.conversation <= conversation) {
                askAgain(from, conversation);
            }
            return null;
        }
        line.expected++;
        return line;
    }

    private void askAgain(Member from, long conversation) {
        boolean unused = links.test(from, Outbox.aside(term, conversation, Verbs.AGAIN));
    }

    private NodeLine begin(Member from, long conversation) {
        Outbox outbox = new Outbox(loop, bytes -> links.test(from, bytes), term, conversation);
        NodeLine line = new NodeLine(from, conversation, outbox);
        NodeLine before = byMember.put(from.id(), line);
        if (before != null) {
            before.close();
            move(before.running, line);
            move(before.unconfirmed, line);
        }
        return line;
    }

    private static void move(TaskList tasks, NodeLine to) {
        for (LedgerTask task : tasks.all()) {
            tasks.remove(task);
            to.unconfirmed.addLast(task);
            task.member = to;
        }
    }

    // --- What is to be said -----------------------------------------------------------------------------------------

    /** Where to say something to a node, which is sent with the next {@link #flush}. */
    WireWriter say(NodeLine line) {
        touch(line);
        if (line.outbox.isFull()) {
            line.outbox.send();
        }
        return line.outbox.say();
    }

    /** There is something to send. */
    void touch(NodeLine line) {
        if (!line.dirty && line.open) {
            line.dirty = true;
            dirty.add(line);
        }
    }

    /** Sends what is to be said; closes the lines of nodes that take nothing, and tells which these are. */
    List<NodeLine> flush() {
        List<NodeLine> stuck = new ArrayList<>();
        for (NodeLine line : dirty) {
            line.dirty = false;
            if (line.open && line.outbox.hasNews()) {
                line.outbox.send();
            }
            if (line.outbox.queuedBytes() > MOST_QUEUED) {
                log.warn("{} takes no messages; what was sent to it is taken back", line.member.name());
                close(line);
                stuck.add(line);
            }
        }
        dirty.clear();
        return stuck;
    }
}
