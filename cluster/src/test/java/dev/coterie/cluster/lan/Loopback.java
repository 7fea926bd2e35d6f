package dev.coterie.cluster.lan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Free ports on the loopback interface, for a group whose every node lists all others. */
public final class Loopback {

    private final List<Integer> ports = new ArrayList<>();
    private final AtomicInteger given = new AtomicInteger();

    /** @param nodes how many there will be at most */
    public Loopback(int nodes) {
        List<DatagramSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < nodes; i++) {
                DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                held.add(socket);
                ports.add(socket.getLocalPort());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            held.forEach(DatagramSocket::close);
        }
    }

    /** @param ports of another such object, as a text */
    public Loopback(String ports) {
        Stream.of(ports.split(",")).map(Integer::valueOf).forEach(this.ports::add);
    }

    /** The settings of the next node: quick, and in one process with the others. */
    public LanConfig.Builder next() {
        return at(given.getAndIncrement());
    }

    /** The same for a certain node. */
    public LanConfig.Builder at(int index) {
        return LanConfig.builder()
                .address("127.0.0.1")
                .port(ports.get(index))
                .unicast(nodes().toArray(new String[0]))
                .helloInterval(Duration.ofMillis(100))
                .checkInterval(Duration.ofMillis(100))
                .nodeTimeout(Duration.ofMillis(500))
                .ignoreProcess(false);
    }

    /** For another process. */
    @Override
    public String toString() {
        return ports.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    int port(int index) {
        return ports.get(index);
    }

    List<String> nodes() {
        return ports.stream().map(port -> "127.0.0.1:" + port).toList();
    }
}
