package dev.coterie.cluster.lan;

import dev.coterie.cluster.lan.LanException.Kind;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** This machine's network interfaces, and what it is called. */
final class Interfaces {

    static final String ANY = "0.0.0.0";

    private Interfaces() {}

    /**
     * Those that can take part in multicast: that of one address, or all.
     *
     * @param address 0.0.0.0 for all
     * @throws LanException if there is none
     */
    static List<NetworkInterface> multicast(String address) {
        try {
            if (!address.equals(ANY)) {
                NetworkInterface one = NetworkInterface.getByInetAddress(InetAddress.getByName(address));
                if (one == null) {
                    throw notLocal(address, null);
                }
                return List.of(one);
            }
            List<NetworkInterface> all = NetworkInterface.networkInterfaces()
                    .filter(Interfaces::canMulticast)
                    .toList();
            if (all.isEmpty()) {
                throw new LanException(
                        Kind.NETWORK, "multicast: no network interface of this machine can do it; use unicast", null);
            }
            return all;
        } catch (SocketException | UnknownHostException failure) {
            throw new LanException(Kind.NETWORK, "address: the network interfaces cannot be looked at", failure);
        }
    }

    private static boolean canMulticast(NetworkInterface one) {
        try {
            return one.isUp()
                    && one.supportsMulticast()
                    && !one.isLoopback()
                    && ipv4(one).isPresent();
        } catch (SocketException gone) {
            return false;
        }
    }

    private static Optional<String> ipv4(NetworkInterface one) {
        return one.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .map(InetAddress::getHostAddress)
                .findFirst();
    }

    /** Where others most likely reach a node that is bound to any address. */
    static String likelyAddress() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(one -> {
                        try {
                            return one.isUp() && !one.isLoopback();
                        } catch (SocketException gone) {
                            return false;
                        }
                    })
                    .flatMap(one -> ipv4(one).stream())
                    .findFirst()
                    .orElse("127.0.0.1");
        } catch (SocketException failure) {
            return "127.0.0.1";
        }
    }

    static LanException notLocal(String address, @Nullable Throwable cause) {
        return new LanException(
                Kind.NO_SUCH_ADDRESS,
                "address: '" + address + "' is not an address of this machine; use one that is, or 0.0.0.0",
                cause);
    }

    /** This machine's name, as node-discover would say it. */
    static String hostName() {
        String said = System.getenv("DISCOVERY_HOSTNAME");
        if (said != null && !said.isEmpty()) {
            return said;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }
}
