package dev.coterie.workers.supervisor;

/** How a worker shows that it is ready. */
public enum Readiness {
    /** It says so over its link. */
    LINK,
    /** It takes connections on the port it was given, in {@code PORT} of its environment: any server in any language. */
    PORT,
    /** It runs. */
    START
}
