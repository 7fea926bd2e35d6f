package dev.coterie.node.output;

/** How the log is written. */
public enum LogForm {
    /** Lines for people. */
    TEXT,
    /** One object to a line. */
    JSON
}
