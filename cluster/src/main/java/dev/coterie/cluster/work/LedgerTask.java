package dev.coterie.cluster.work;

import dev.coterie.cluster.journal.Segment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as the ledger has it. There may be a million of them: what few tasks have is kept in {@link Extras}, and lists
 * run through the tasks themselves.
 */
final class LedgerTask {

    /** What a task takes in memory besides its payload, about; for the bound. */
    static final int COST = 300;

    final String id;
    TaskKind kind;
    Rules rules = Rules.DEFAULT;

    /** JSON; once it is completed, its result. */
    byte[] payload;

    TaskState state = TaskState.SCHEDULED;

    /** When it is due, in ms since 1970; once it is finished, when it was. */
    long due;

    /** Counts what was sent to members, so that an outcome of an earlier run is known as such. */
    int run;

    /** Attempts that have failed since it was last set, and members that were lost while they had it. */
    int failures;

    byte losses;

    /** A timer that has been written down as fired: it cannot be cleared any more. */
    boolean fired;

    @Nullable
    Extras extras;

    /** Where its latest record is, and how long that is. */
    @Nullable
    Segment segment;

    int length;

    /** The list it is in, and its neighbours there; or its place in the heap of those not due. */
    @Nullable
    TaskList list;

    @Nullable
    LedgerTask previous;

    @Nullable
    LedgerTask next;

    int heapIndex = -1;

    /** Who runs it. */
    @Nullable
    NodeLine member;

    /** Whoever waits for its outcome: none, one, or a list. */
    private @Nullable Object waiters;

    /**
     * What few tasks have.
     *
     * @param key of those that go to the same member; empty for none
     * @param period in ms after which a timer is due again; 0 if it is not
     * @param token tells one setting of a timer from the next
     * @param cause why the last attempt failed; empty if none has
     */
    record Extras(String key, long period, long token, String cause) {

        static final Extras NONE = new Extras("", 0, 0, "");

        Extras withCause(String newCause) {
            return new Extras(key, period, token, newCause);
        }
    }

    LedgerTask(String id, TaskKind kind, byte[] payload) {
        this.id = id;
        this.kind = kind;
        this.payload = payload;
    }

    boolean isTimer() {
        return id.startsWith(Names.TIMER);
    }

    Extras extras() {
        return extras == null ? Extras.NONE : extras;
    }

    void extras(Extras now) {
        extras = now.equals(Extras.NONE) ? null : now;
    }

    /** Another end waits for the outcome. */
    void await(NodeLine line) {
        List<NodeLine> waiting = waiters();
        if (waiting.isEmpty()) {
            waiters = line;
        } else if (!waiting.contains(line)) {
            List<NodeLine> more = new ArrayList<>(waiting);
            more.removeIf(one -> !one.open);
            more.add(line);
            waiters = more;
        }
    }

    @SuppressWarnings("unchecked") // what is no line is a list of lines
    List<NodeLine> waiters() {
        return waiters == null ? List.of() : waiters instanceof NodeLine one ? List.of(one) : (List<NodeLine>) waiters;
    }

    void noMoreWaiters() {
        waiters = null;
    }

    /** Bytes it takes in memory, about. */
    int cost() {
        return COST + id.length() + payload.length;
    }
}
