package dev.coterie.bench.peer;

import dev.coterie.bench.host.Processes;

/** What a system runs beside its nodes. */
public interface Server extends AutoCloseable {

    /** Passed to {@link Peer#connect} in every agent; without white space. */
    String address();

    /** The process to which memory and CPU are charged; 0 if there is none. */
    default long pid() {
        return 0;
    }

    @Override
    default void close() {}

    /** A server that is one process. */
    static Server of(String address, Process process) {
        return new Server() {
            @Override
            public String address() {
                return address;
            }

            @Override
            public long pid() {
                return process.pid();
            }

            @Override
            public void close() {
                Processes.end(process.toHandle());
            }
        };
    }
}
