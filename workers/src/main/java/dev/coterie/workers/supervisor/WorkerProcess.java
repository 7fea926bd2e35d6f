package dev.coterie.workers.supervisor;

import dev.coterie.workers.io.FrameSocket;
import dev.coterie.workers.process.Child;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process of a worker, from its fork to its end. On the supervisor's loop only. */
public final class WorkerProcess {

    private static final long MOST_UNREAD = 4 * 1024 * 1024;

    private final Slot slot;
    private final String id;
    private final double lease;
    private WorkerState state = WorkerState.STARTING;
    private Counts counts = Counts.NONE;
    private long heard;
    private int port;
    private long routed;
    private @Nullable String doom;

    /** Whether something that it was to be told was dropped. */
    private boolean deaf;

    // What the supervisor knows it by; the crew does not look at these.
    @Nullable
    Child child;

    @Nullable
    FrameSocket link;

    /**
     * Creates it.
     *
     * @param lease the factor, by chance, of what it may do before it is recycled
     */
    WorkerProcess(Slot slot, long generation, double lease, long now) {
        this.slot = slot;
        this.id = slot.number() + "." + generation;
        this.lease = lease;
        this.heard = now;
    }

    /** Its worker's number, from 1; the next process of the same worker has the same. */
    public int number() {
        return slot.number();
    }

    /** Its worker's name, made of the supervisor's and the number. */
    public String name() {
        return slot.name();
    }

    /** What tells it from all other processes of this supervisor. */
    public String id() {
        return id;
    }

    /** Its process id; 0 before there is one. */
    public long pid() {
        return child == null ? 0 : child.pid();
    }

    /** Where it is in its life. */
    public WorkerState state() {
        return state;
    }

    /** The TCP port on which it serves; 0 if none is known. */
    public int port() {
        return port;
    }

    /** Whether it has greeted the supervisor, and their link stands. */
    public boolean isLinked() {
        return link != null;
    }

    /** Sends it a frame, behind those before; without a link, nothing happens. */
    public void send(ByteBuffer frame) {
        if (link != null) {
            link.send(frame);
        }
    }

    /**
     * Tells it something. While much waits for its link already, since it does not read, that is dropped; otherwise what
     * waits would grow for as long as the worker is not missed.
     *
     * @param warnings told of the first time
     */
    public void tell(ByteBuffer frame, Consumer<String> warnings) {
        if (waiting() < MOST_UNREAD) {
            send(frame);
        } else if (!deaf) {
            deaf = true;
            warnings.accept(this + " does not read: " + MOST_UNREAD / 1024 / 1024
                    + " MiB wait for it, and what it is told besides is dropped");
        }
    }

    /** How many bytes wait for its link. */
    public long waiting() {
        return link == null ? 0 : link.waiting();
    }

    Slot slot() {
        return slot;
    }

    void state(WorkerState next) {
        if (!state.before(next)) {
            throw new IllegalStateException("worker " + id + " cannot go from " + state + " to " + next);
        }
        state = next;
    }

    void port(int newPort) {
        port = newPort;
    }

    Counts counts() {
        return counts;
    }

    void counts(Counts newCounts) {
        counts = newCounts;
    }

    void countRouted() {
        routed++;
    }

    /** How many connections it has taken: as it says itself, or as were routed to it. */
    long connections() {
        return Math.max(counts.connections(), routed);
    }

    /** When it last said that it is alive, on the monotonic clock. */
    long heard() {
        return heard;
    }

    void heard(long now) {
        heard = now;
    }

    double lease() {
        return lease;
    }

    /** Why it is killed, if it is. */
    Optional<String> doom() {
        return Optional.ofNullable(doom);
    }

    void doom(String why) {
        doom = why;
    }

    @Override
    public String toString() {
        return name() + " (process " + pid() + ")";
    }

    /**
     * What a worker says of itself with each heartbeat.
     *
     * @param connections how many connections it has taken so far
     * @param received how many data it has worked on so far
     * @param memory how many bytes of memory it uses
     */
    record Counts(long connections, long received, long memory) {

        static final Counts NONE = new Counts(0, 0, 0);
    }
}
