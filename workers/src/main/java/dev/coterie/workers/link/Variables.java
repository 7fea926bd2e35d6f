package dev.coterie.workers.link;

/** What a worker finds in its environment. */
public final class Variables {

    /** Its number, from 1. */
    public static final String NUMBER = "COTERIE_WORKER_NUMBER";

    /** Its name. */
    public static final String NAME = "COTERIE_WORKER_NAME";

    /** What it is to say in its {@link Kind#HELLO}. */
    public static final String ID = "COTERIE_WORKER_ID";

    /** The path of the Unix-domain socket on which it reaches its supervisor. */
    public static final String SOCKET = "COTERIE_WORKER_SOCKET";

    /** How often it is to say that it is alive, in milliseconds. */
    public static final String HEARTBEAT = "COTERIE_WORKER_HEARTBEAT";

    /** The TCP port on which it is to serve, if it serves one and was given one. */
    public static final String PORT = "PORT";

    private Variables() {}
}
