package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.Backoff;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are to be followed by a new process: one at a time, in the order of the requests. The old process is told
 * to end only when the new one is ready, and the next worker's turn comes when the old one has ended. A new process that
 * is never ready leaves the old one in service.
 */
final class Replacements {

    private static final Duration LONGEST_RETRY = Duration.ofHours(1);

    private final Crew crew;
    private final Deque<Request> queue = new ArrayDeque<>();
    private @Nullable Request turn;

    Replacements(Crew crew) {
        this.crew = crew;
    }

    private record Request(WorkerProcess old, String why, boolean rolling) {}

    /** Everybody is to be replaced, and this is one of them. */
    void roll(WorkerProcess old) {
        request(new Request(old, "all workers are replaced", true));
    }

    /** This one is to be replaced. */
    void request(WorkerProcess old, String why) {
        request(new Request(old, why, false));
    }

    private void request(Request request) {
        boolean known = queue.stream().anyMatch(other -> other.old() == request.old())
                || (turn != null && turn.old() == request.old());
        boolean replaceable = request.old() == request.old().slot().current
                && request.old().state().before(WorkerState.DRAINING);
        if (!known && replaceable && !crew.isClosing()) {
            queue.add(request);
            next();
        }
    }

    /** The successor is ready: the old one goes. */
    void ready(Slot slot) {
        slot.failedSuccessors = 0;
        WorkerProcess old = slot.current;
        slot.current = slot.successor;
        slot.successor = null;
        if (old != null && turn != null) {
            crew.drain(old, turn.why() + "; its successor is ready");
        } else {
            turn = null;
            next();
        }
    }

    /** The successor has ended before it was ready: the old one stays. */
    void failed(Slot slot, String cause) {
        Request failed = turn;
        turn = null;
        if (crew.isClosing() || failed == null) {
            return;
        }
        if (slot.current == null) {
            crew.crashed(slot);
        } else {
            stays(slot, failed, cause);
        }
        next();
    }

    private void stays(Slot slot, Request failed, String cause) {
        String text = slot.name() + ": its successor was never ready (" + cause + "); the old process stays in service";
        if (failed.rolling()) {
            queue.removeIf(Request::rolling);
            crew.warn(text + ", and so do those that have not been replaced yet");
            return;
        }
        crew.warn(text);
        Duration first = crew.config().readyWithin();
        Duration most = first.compareTo(LONGEST_RETRY) > 0 ? first : LONGEST_RETRY;
        Duration delay = Backoff.doubling(first, most).delay(++slot.failedSuccessors, crew.random());
        crew.schedule(delay, () -> request(failed));
    }

    /** It has ended: if it was its turn to be replaced, the next one's comes. */
    void gone(WorkerProcess worker) {
        queue.removeIf(request -> request.old() == worker);
        if (turn != null && turn.old() == worker && worker.slot().successor == null) {
            turn = null;
        }
        next();
    }

    private void next() {
        if (turn == null && !queue.isEmpty() && !crew.isClosing()) {
            turn = queue.poll();
            Slot slot = turn.old().slot();
            slot.successor = crew.fork(slot);
        }
    }

    void clear() {
        queue.clear();
        turn = null;
    }
}
