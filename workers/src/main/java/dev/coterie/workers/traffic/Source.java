package dev.coterie.workers.traffic;

import dev.coterie.workers.link.Datum;
import java.io.IOException;
import java.util.Map;

/** A socket that data come from. On the supervisor's loop only. */
interface Source {

    /** Opens it; once more after it was closed. */
    void open() throws IOException;

    /** Takes nothing new from outside any more; what is there may still be answered. */
    void stop();

    /** Closes it, and all that came of it. */
    void close();

    /** The port, if it listens on one. */
    int port();

    /** A worker's answer to a datum that came from here. */
    void reply(Datum answer);

    /** A datum that came from here needs no further care. */
    default void settled(Datum datum) {}

    /** There may be room for data again. */
    default void resume() {}

    /** What it has counted. */
    Map<String, Long> counts();
}
