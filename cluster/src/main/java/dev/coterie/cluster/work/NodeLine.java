package dev.coterie.cluster.work;

import dev.coterie.cluster.discovery.Member;
import java.util.ArrayList;
import java.util.List;

/** The master's end of its conversation with one node, and what is with that node. On the loop. */
final class NodeLine {

    final Member member;
    final long conversation;
    final Outbox outbox;

    /** What this node runs. */
    final TaskList running = new TaskList();

    /** What it ran when it began this conversation, and has not confirmed yet. */
    final TaskList unconfirmed = new TaskList();

    final List<TaskKind> kinds = new ArrayList<>();

    /** How many tasks it takes at a time. */
    int capacity;

    /** How many it has completed. */
    long done;

    /** How many submissions it has sent in this conversation. */
    long submissions;

    /** The number its next message has. */
    long expected = 1;

    /** Whether it has said all that it has. */
    boolean ready;

    boolean open = true;

    /** Whether it is among those to whom something is to be sent. */
    boolean dirty;

    NodeLine(Member member, long conversation, Outbox outbox) {
        this.member = member;
        this.conversation = conversation;
        this.outbox = outbox;
    }

    boolean hasRoom() {
        return open && running.size() < capacity;
    }

    /** How much of its capacity is used, in thousandths. */
    long load() {
        return capacity == 0 ? Long.MAX_VALUE : running.size() * 1000L / capacity;
    }

    /** What it can do now. */
    void can(int nowCapacity, List<TaskKind> nowKinds) {
        leaveKinds();
        capacity = nowCapacity;
        kinds.addAll(nowKinds);
        kinds.forEach(kind -> kind.able.add(this));
    }

    private void leaveKinds() {
        kinds.forEach(kind -> kind.able.remove(this));
        kinds.clear();
    }

    void close() {
        open = false;
        leaveKinds();
        outbox.close();
    }
}
