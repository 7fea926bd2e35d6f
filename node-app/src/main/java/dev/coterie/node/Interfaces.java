package dev.coterie.node;

import dev.coterie.node.settings.UsageException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.stream.Collectors;

/** This machine's network interfaces. */
final class Interfaces {

    private Interfaces() {}

    /**
     * The address of one: its first IPv4 address, or its first IPv6 address if it has no other.
     *
     * @throws UsageException if there is no such interface, or it has no address
     */
    static String address(String name) {
        try {
            NetworkInterface found = NetworkInterface.getByName(name);
            if (found == null) {
                String names = NetworkInterface.networkInterfaces()
                        .map(NetworkInterface::getName)
                        .collect(Collectors.joining(", "));
                throw new UsageException("interface: '" + name + "' is not on this machine; choose one of " + names);
            }
            InetAddress chosen = found.inetAddresses()
                    .min((one, other) -> Boolean.compare(other instanceof Inet4Address, one instanceof Inet4Address))
                    .orElseThrow(() -> new UsageException(
                            "interface: '" + name + "' has no address; give it one or choose another interface"));
            return withoutZone(chosen.getHostAddress());
        } catch (SocketException failure) {
            throw new UsageException("interface: '" + name + "' cannot be looked at (" + failure.getMessage()
                    + "); give the address itself with --address");
        }
    }

    /** Java writes an IPv6 address with the interface behind a percent sign. */
    private static String withoutZone(String address) {
        int zone = address.indexOf('%');
        return zone < 0 ? address : address.substring(0, zone);
    }
}
