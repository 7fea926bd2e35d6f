package dev.coterie.workers.monitor;

import java.util.Optional;

/**
 * Where a monitor answers. Immutable; {@link #on} gives the defaults, each {@code with} a changed copy.
 *
 * @param host the address; default 127.0.0.1
 * @param port the port; 0 for any free one
 * @param applicationPort the port that the application serves on, which is only told; 0 if there is none
 * @param control whether the host may be taken out and in over HTTP; default no
 * @param token what whoever does so from another machine must show; default none, so that only this machine can
 * @param check what says whether the host is well; default that a worker is ready
 */
public record MonitorConfig(
        String host,
        int port,
        int applicationPort,
        boolean control,
        Optional<String> token,
        Optional<Ecv.Check> check) {

    /** The usual port. */
    public static final int DEFAULT_PORT = 3001;

    /** Checks the ports. */
    public MonitorConfig {
        if (port != 0 && port == applicationPort) {
            throw new IllegalArgumentException(
                    "monitor-port: '" + port + "' is the application's port; choose another for one of them");
        }
        if (token.isPresent() && token.get().length() < 16) {
            throw new IllegalArgumentException("token: it is too short; choose one of at least 16 characters");
        }
    }

    /** The defaults, on a port of this machine only. */
    public static MonitorConfig on(int port) {
        return new MonitorConfig("127.0.0.1", port, 0, false, Optional.empty(), Optional.empty());
    }

    /** The same with another {@code host}. */
    public MonitorConfig withHost(String newHost) {
        return new MonitorConfig(newHost, port, applicationPort, control, token, check);
    }

    /** The same with another {@code applicationPort}. */
    public MonitorConfig withApplicationPort(int newPort) {
        return new MonitorConfig(host, port, newPort, control, token, check);
    }

    /** The same with {@code control}. */
    public MonitorConfig withControl(boolean newControl) {
        return new MonitorConfig(host, port, applicationPort, newControl, token, check);
    }

    /** The same with a {@code token}. */
    public MonitorConfig withToken(String newToken) {
        return new MonitorConfig(host, port, applicationPort, control, Optional.of(newToken), check);
    }

    /** The same with a {@code check}. */
    public MonitorConfig withCheck(Ecv.Check newCheck) {
        return new MonitorConfig(host, port, applicationPort, control, token, Optional.of(newCheck));
    }

    @Override
    public String toString() {
        return "monitor on " + host + ":" + port + (control ? ", with control" : "");
    }
}
