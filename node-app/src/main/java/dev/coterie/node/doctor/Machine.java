package dev.coterie.node.doctor;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at this machine: its Java, its ports, its limits. */
final class Machine {

    /** Under it, a master with many members runs out of sockets. */
    private static final long FEW_FILES = 4096;

    private Machine() {}

    static Finding java() {
        Runtime.Version version = Runtime.version();
        String says = version + " at " + System.getProperty("java.home") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, "
                + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of heap for this command";
        return version.feature() >= 17
                ? Finding.ok("java", says)
                : Finding.wrong("java", says, "install Java 17 or later, and let JAVA_HOME name it");
    }

    static List<Finding> files() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            long most = unix.getMaxFileDescriptorCount();
            String says = "a process may have " + most + " open";
            return List.of(
                    most >= FEW_FILES
                            ? Finding.ok("files", says)
                            : Finding.note(
                                    "files", says, "raise it with 'ulimit -n 65536', or LimitNOFILE= in a service"));
        }
        return List.of();
    }

    /**
     * Whether a node could have its port.
     *
     * @param members those of the cluster, if that is known: a port that one of them has is where it should be
     */
    static Finding port(String setting, int port, Optional<View> members, boolean needed) {
        String subject = setting + " " + port;
        String problem = bind(port);
        if (problem.isEmpty()) {
            return Finding.ok(subject, "free");
        }
        Optional<Member> ours = members.stream()
                .flatMap(view -> view.members().stream())
                .filter(member -> member.port() == port && isLocal(member.address()))
                .findFirst();
        if (ours.isPresent()) {
            return Finding.ok(subject, "taken by " + ours.get().name() + ", a member of this cluster on this machine");
        }
        String remedy = "see who has it with 'ss -ltnp sport = :" + port + "', or choose another with --" + setting;
        return needed
                ? Finding.wrong(subject, "cannot be had: " + problem, remedy)
                : Finding.note(subject, "cannot be had: " + problem + "; a node would take any free one", remedy);
    }

    private static String bind(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            // A connection that has just been closed is no reason not to listen.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port));
            return "";
        } catch (IOException taken) {
            return String.valueOf(taken.getMessage());
        }
    }

    private static boolean isLocal(String address) {
        try {
            InetAddress one = InetAddress.getByName(address);
            return one.isLoopbackAddress() || NetworkInterface.getByInetAddress(one) != null;
        } catch (UnknownHostException | SocketException unknown) {
            return false;
        }
    }

    /** All about this machine alone. */
    static List<Finding> all() {
        List<Finding> findings = new ArrayList<>(List.of(java()));
        findings.addAll(files());
        return findings;
    }
}
