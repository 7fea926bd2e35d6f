package dev.coterie.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** All that the agents of one system have printed, in order. */
final class EventLog {

    private final String peer;
    private final List<AgentEvent> events = new ArrayList<>();

    EventLog(String peer) {
        this.peer = peer;
    }

    synchronized void add(AgentEvent event) {
        events.add(event);
        notifyAll();
    }

    /** The present end, from which later events are awaited. */
    synchronized int mark() {
        return events.size();
    }

    synchronized List<AgentEvent> since(int from, Predicate<AgentEvent> which) {
        return events.subList(from, events.size()).stream().filter(which).toList();
    }

    /** The first event from a mark on that matches. */
    AgentEvent await(int from, Predicate<AgentEvent> which, long millis, String what)
            throws InterruptedException, TimeoutException {
        return awaitAll(from, which, 1, millis, what).get(0);
    }

    /**
     * Waits until as many events from a mark on match.
     *
     * @param what is awaited, for messages
     * @throws UnsupportedOperationException if an agent says that the system cannot do it
     * @throws IllegalStateException if an agent reports another failure
     */
    synchronized List<AgentEvent> awaitAll(int from, Predicate<AgentEvent> which, int count, long millis, String what)
            throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            List<AgentEvent> found = since(from, which);
            if (found.size() >= count) {
                return found;
            }
            failOnError(from, what);
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException(
                        peer + ": " + what + ": " + found.size() + " of " + count + " after " + millis + " ms");
            }
            wait(left);
        }
    }

    private void failOnError(int from, String what) {
        for (AgentEvent event : since(from, event -> event.is("ERROR"))) {
            if (event.args().get(0).equals("unsupported")) {
                throw new UnsupportedOperationException(peer + " cannot do this: " + what);
            }
            throw new IllegalStateException(
                    peer + " " + event.agent() + ": " + String.join(" ", event.args()) + " (" + what + ")");
        }
    }
}
