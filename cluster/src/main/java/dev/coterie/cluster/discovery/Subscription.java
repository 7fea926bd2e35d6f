package dev.coterie.cluster.discovery;

/** Something that is being told to a callback, until closed. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {

    /** Ends it: a call that has begun goes on, no other follows. Any thread; a second call does nothing. */
    @Override
    void close();
}
