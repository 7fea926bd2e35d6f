package dev.coterie.etcd;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a real etcd is to be started. Not for use by several threads at once. */
public final class EtcdOptions {

    int members = 1;
    int clientPort;

    @Nullable
    Path data;

    @Nullable
    Path binary;

    boolean fastStorage;
    List<String> extraArguments = List.of();
    Duration startWithin = Duration.ofSeconds(30);

    EtcdOptions() {}

    /** How many members, 1 to 7; 1 unless said. */
    public EtcdOptions members(int count) {
        if (count < 1 || count > 7) {
            throw new IllegalArgumentException("members: must be 1 to 7, not " + count);
        }
        members = count;
        return this;
    }

    /** The first member's port for clients; the following ones use the ports that follow. Free ones unless said. */
    public EtcdOptions clientPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("client port: must be 1 to 65535, not " + port);
        }
        clientPort = port;
        return this;
    }

    /** Where the data are, also after {@link EtcdProcess#close()}. A temporary folder unless said. */
    public EtcdOptions data(Path folder) {
        data = folder;
        return this;
    }

    /**
     * Has a temporary folder be in memory where the machine offers that: fast, and no test of durability across a
     * power failure.
     */
    public EtcdOptions fastStorage() {
        fastStorage = true;
        return this;
    }

    /** The program to run; found by {@link EtcdBinary} unless said. */
    public EtcdOptions binary(Path program) {
        binary = program;
        return this;
    }

    /** Further arguments for every member, such as {@code --quota-backend-bytes=16777216}. */
    public EtcdOptions arguments(String... more) {
        extraArguments = List.of(more);
        return this;
    }

    /** How long a start may take until all members are healthy; 30 s unless said. */
    public EtcdOptions startWithin(Duration time) {
        startWithin = time;
        return this;
    }

    /**
     * Starts it and waits until it is healthy.
     *
     * @throws EtcdException if there is no etcd, a port is taken, or it does not become healthy
     */
    public EtcdProcess start() {
        return EtcdProcess.start(this);
    }
}
