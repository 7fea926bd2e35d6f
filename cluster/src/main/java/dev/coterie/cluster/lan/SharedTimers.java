package dev.coterie.cluster.lan;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Discovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Timers that are set on one node and can be cleared from any: one message to all, and whoever has the timer clears it.
 * They work on the channels of any {@link Discovery}; on a LAN the message is one multicast or broadcast packet.
 *
 * <p>A timer lives and dies with the node that set it, and a message may be lost; a timer that must not be is one of the
 * cluster on etcd. Thread-safe; the timers run on the event loop that was given.
 */
public final class SharedTimers implements AutoCloseable {

    /** The channel that all use. */
    public static final String CHANNEL = "shared-timers";

    private static final int MOST_TIMERS = 1_000_000;

    private final Discovery discovery;
    private final EventLoop loop;

    /** On the loop. */
    private final Map<String, Scheduled> timers = new HashMap<>();

    /** On the loop. */
    private final Map<String, List<CompletableFuture<Boolean>>> clearing = new HashMap<>();

    /**
     * What is said on the channel: one of the two is given.
     *
     * @param clear the id of a timer that whoever has it is to clear
     * @param cleared the id of one that was
     */
    private record Word(@Nullable String clear, @Nullable String cleared) {}

    /**
     * Joins the channel. Once for each discovery.
     *
     * @param loop runs the timers' actions
     */
    public SharedTimers(Discovery discovery, EventLoop loop) {
        this.discovery = discovery;
        this.loop = loop;
        var unused = discovery.channels().join(CHANNEL, Word.class, (word, from) -> loop.execute(() -> heard(word)));
    }

    /**
     * Sets a timer on this node, in place of one with the same id.
     *
     * @param id what it is cleared by; the same on all nodes
     * @param action runs on the loop when the time has come
     * @throws IllegalArgumentException if the id is empty
     */
    public void set(String id, Duration delay, Runnable action) {
        check(id);
        loop.execute(() -> {
            if (timers.size() >= MOST_TIMERS && !timers.containsKey(id)) {
                throw new IllegalStateException("timers: " + MOST_TIMERS + " are set already; clear some first");
            }
            clearHere(id);
            timers.put(id, loop.schedule(delay, () -> {
                timers.remove(id);
                action.run();
            }));
        });
    }

    /**
     * Clears a timer wherever it is.
     *
     * @param patience how long to wait for the node that has it
     * @return whether a node said that it has cleared it; if none did, it may have fired, may never have been set, or
     *     one of the two messages was lost
     * @throws IllegalArgumentException if the id is empty
     */
    public CompletionStage<Boolean> clear(String id, Duration patience) {
        check(id);
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        loop.execute(() -> {
            if (clearHere(id)) {
                answer.complete(true);
                return;
            }
            clearing.computeIfAbsent(id, none -> new ArrayList<>()).add(answer);
            loop.schedule(patience, () -> giveUp(id, answer));
            say(new Word(id, null));
        });
        return answer;
    }

    private static void check(String id) {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id: '' will not do; name the timer");
        }
    }

    private void heard(Word word) {
        if (word.clear() != null && clearHere(word.clear())) {
            say(new Word(null, word.clear()));
        }
        List<CompletableFuture<Boolean>> waiting = word.cleared() == null ? null : clearing.remove(word.cleared());
        if (waiting != null) {
            waiting.forEach(answer -> answer.complete(true));
        }
    }

    private boolean clearHere(String id) {
        Scheduled timer = timers.remove(id);
        if (timer != null) {
            timer.cancel();
        }
        return timer != null;
    }

    private void giveUp(String id, CompletableFuture<Boolean> answer) {
        List<CompletableFuture<Boolean>> waiting = clearing.get(id);
        if (waiting != null && waiting.removeIf(one -> one == answer) && waiting.isEmpty()) {
            clearing.remove(id);
        }
        answer.complete(false);
    }

    private void say(Word word) {
        var unused = discovery.channels().send(CHANNEL, word);
    }

    /** Leaves the channel and clears what this node has set. */
    @Override
    public void close() {
        var unused = discovery.channels().leave(CHANNEL);
        loop.execute(() -> List.copyOf(timers.keySet()).forEach(this::clearHere));
    }
}
