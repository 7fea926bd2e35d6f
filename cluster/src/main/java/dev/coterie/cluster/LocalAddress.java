package dev.coterie.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/** What this machine is called and where others reach it. */
final class LocalAddress {

    private LocalAddress() {}

    /**
     * The local address from which packets to etcd would leave: where etcd can be reached, so can the others. Nothing is
     * sent.
     *
     * @throws IllegalArgumentException if there is no way to any of them
     */
    static String reaching(List<URI> endpoints) {
        return endpoints.stream()
                .flatMap(endpoint -> reaching(endpoint).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "address: none is given, and no local address reaches etcd at " + endpoints + "; give one"));
    }

    private static Optional<String> reaching(URI endpoint) {
        try (DatagramSocket probe = new DatagramSocket()) {
            probe.connect(new InetSocketAddress(InetAddress.getByName(endpoint.getHost()), endpoint.getPort()));
            InetAddress local = probe.getLocalAddress();
            return local.isAnyLocalAddress()
                    ? Optional.empty()
                    : Optional.of(local.getHostAddress().replaceFirst("%.*", ""));
        } catch (IOException | UncheckedIOException noWay) {
            return Optional.empty();
        }
    }

    /** This machine's name, for display. */
    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }
}
