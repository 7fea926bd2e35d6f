package dev.coterie.node;

/** What the process's exit status says. */
final class ExitCode {

    /** All went well; for a demo: every task was answered, and right. */
    static final int OK = 0;

    /** Something else went wrong; for a demo: a task was not answered, or wrong. */
    static final int FAILED = 1;

    /** Something that was set will not do. */
    static final int USAGE = 2;

    /** There is no etcd, it cannot be reached, or it is something else. */
    static final int ETCD = 3;

    /** The port is taken. */
    static final int PORT = 4;

    private ExitCode() {}
}
