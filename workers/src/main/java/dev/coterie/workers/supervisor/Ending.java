package dev.coterie.workers.supervisor;

/** How a supervisor has ended. */
public enum Ending {
    /** All workers ended by themselves or when told to. */
    DONE,
    /** Some had to be killed, because they did not end in time. */
    KILLED,
    /** A worker crashed too often. */
    GAVE_UP,
    /** Something else without which it is of no use has failed. */
    FAILED
}
