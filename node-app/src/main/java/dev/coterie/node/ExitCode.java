package dev.coterie.node;

import dev.coterie.cluster.lan.LanException;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.etcd.EtcdException;
import dev.coterie.node.settings.UsageException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

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

    /** A worker crashed too often, and the supervisor gave up. */
    static final int CRASHES = 5;

    /** All of them, as the reference has them. */
    static final Map<Integer, String> MEANINGS = Collections.unmodifiableMap(new TreeMap<>(Map.of(
            OK,
            "done; of a demo: every task was answered, and right; of doctor: nothing is wrong",
            FAILED,
            "anything else; of a demo: a task was not answered, or wrong; of doctor: something is wrong; of the"
                    + " launcher: something needed for building is missing",
            USAGE,
            "something that was set will not do, an address that is not this machine's included",
            ETCD,
            "there is no etcd, it cannot be reached, or what answers is not etcd",
            PORT,
            "the port is taken by another process",
            CRASHES,
            "a worker crashed too often, and its supervisor gave up")));

    private ExitCode() {}

    /** The status of a command that has failed. */
    static int of(Exception failure) {
        if (failure instanceof UsageException) {
            return USAGE;
        } else if (failure instanceof StoreException || failure instanceof EtcdException) {
            return ETCD;
        } else if (failure instanceof LinkException link) {
            return switch (link.kind()) {
                case PORT_TAKEN -> PORT;
                case NOT_LOCAL -> USAGE;
                default -> FAILED;
            };
        } else if (failure instanceof LanException lan) {
            return switch (lan.kind()) {
                case PORT_TAKEN -> PORT;
                case NO_SUCH_ADDRESS -> USAGE;
                default -> FAILED;
            };
        }
        return FAILED;
    }

    /** Whether somebody foresaw a failure, and its message says all there is to say. */
    static boolean isForeseen(Exception failure) {
        return of(failure) != FAILED
                || failure instanceof Guest.CommandFailed
                || failure instanceof LinkException
                || failure instanceof LanException;
    }
}
