package dev.coterie.workers.supervisor;

import dev.coterie.workers.link.Kind;
import java.nio.ByteBuffer;
import java.util.Map;

/** What gives the workers something to do. Each method is called on the supervisor's loop. */
public interface Traffic {

    /** A worker is ready: it may get something from now on. */
    void listening(WorkerProcess worker);

    /**
     * A worker is to end: it gets nothing more.
     *
     * @param quiet to be run when it has all it is to get, or done with it if it cannot be told to finish by itself
     */
    void draining(WorkerProcess worker, Runnable quiet);

    /** A worker's link, or the worker itself, has ended. May be told twice. */
    void gone(WorkerProcess worker);

    /** A worker has sent a frame that is not for the supervisor. */
    void received(WorkerProcess worker, Kind kind, ByteBuffer content);

    /** What it has counted so far, by name. */
    Map<String, Long> counts();

    /** The supervisor ends: nothing new is to be taken from outside. */
    void closing();

    /** There are no workers any more. */
    void closed();
}
