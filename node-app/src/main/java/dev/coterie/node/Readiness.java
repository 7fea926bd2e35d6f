package dev.coterie.node;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that this process is ready, if it asked for that. It listens on a datagram socket, which Java does not
 * have for paths; systemd's own {@code systemd-notify} does it instead and is wherever systemd is.
 */
final class Readiness {

    private static final Logger log = LoggerFactory.getLogger(Readiness.class);
    private static final long SECONDS = 10;

    private Readiness() {}

    /** Tells it. Does not wait. */
    static void tell() {
        if (System.getenv("NOTIFY_SOCKET") == null) {
            return;
        }
        try {
            Process notify =
                    new ProcessBuilder("systemd-notify", "--ready").inheritIO().start();
            var unused = notify.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).whenComplete((ended, late) -> {
                if (late != null || ended.exitValue() != 0) {
                    log.warn("systemd-notify: it did not tell that this node is ready; systemd will end this node");
                }
            });
        } catch (IOException missing) {
            log.warn(
                    "systemd-notify: it cannot be run, so systemd is not told that this node is ready; install it, or"
                            + " set Type=exec in the service",
                    missing);
        }
    }
}
