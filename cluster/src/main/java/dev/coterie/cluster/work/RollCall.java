package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A new master waits for its members to say what they are doing, as long as it may, before it sends anything off: nothing
 * that still runs is run again. On the loop.
 */
final class RollCall {

    private static final Logger log = LoggerFactory.getLogger(Master.class);

    private final EventLoop loop;
    private final Runnable over;
    private final Set<String> awaited = new HashSet<>();
    private Scheduled grace = Scheduled.NONE;
    private boolean begun;
    private boolean complete;

    /**
     * Prepares it; {@link #begin} begins it.
     *
     * @param over is called once, when nobody is waited for any more
     */
    RollCall(EventLoop loop, Runnable over) {
        this.loop = loop;
        this.over = over;
    }

    /**
     * Waits for members from now on.
     *
     * @param most how long
     */
    void begin(Set<String> members, Duration most) {
        begun = true;
        awaited.addAll(members);
        grace = loop.schedule(most, () -> {
            if (!awaited.isEmpty()) {
                log.info("{} members have not said what they are doing; going on without them", awaited.size());
                awaited.clear();
                overIfSo();
            }
        });
    }

    /** Others are no members any more. */
    void retain(Set<String> members) {
        awaited.retainAll(members);
        overIfSo();
    }

    /** A member has said what it is doing. */
    void answered(String member) {
        awaited.remove(member);
        overIfSo();
    }

    private void overIfSo() {
        if (begun && !complete && awaited.isEmpty()) {
            complete = true;
            grace.cancel();
            over.run();
        }
    }

    /** Whether all have answered who could. */
    boolean isOver() {
        return complete;
    }

    /** How many have not answered. */
    int missing() {
        return awaited.size();
    }

    void close() {
        grace.cancel();
    }
}
