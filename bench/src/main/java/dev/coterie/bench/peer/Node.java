package dev.coterie.bench.peer;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One node of a system under test. What the system cannot do is left as it is here, and throws {@link
 * UnsupportedOperationException}.
 */
public interface Node {

    /** Makes an id visible to all who watch members; returns when that is acknowledged. */
    default void register(String id) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Changes what a registered id says; those who watch members are told of it as of one that comes. */
    default void update(String id) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Tells of each member that is there or comes, with {@code true}, and of each that goes, with {@code false}. */
    default void members(BiConsumer<String, Boolean> listener) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Stands for election. Tells {@code true} when this node is master, {@code false} when it learns that it is not. */
    default void campaign(Consumer<Boolean> listener) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Hears what is sent to this node and what others broadcast. Called once, before anything is sent. */
    default void onMessage(Consumer<byte[]> listener) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Sends to one node. */
    default void send(String toId, byte[] message) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Sends to all other nodes. */
    default void broadcast(byte[] message) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Lets what was sent leave the buffers of the system's client, where it has any. */
    default void flush() throws Exception {}

    /** A durable queue. */
    default Tasks tasks(String queue) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Durable timers. */
    default Timers timers() throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Leaves in good order, giving up what the node holds. */
    void leave() throws Exception;
}
