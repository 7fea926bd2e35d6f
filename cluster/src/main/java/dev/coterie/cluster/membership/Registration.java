package dev.coterie.cluster.membership;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.session.SessionKey;
import dev.coterie.cluster.store.Entry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * This node's own entry among the members: {@code services/<ip>}, or {@code services/<ip>:<port>} away from the default
 * port. What it says can change; what stands in the store follows when the session is told to keep it again.
 */
public final class Registration implements SessionKey {

    /** Where the members are, below the prefix. */
    public static final String DIRECTORY = "services/";

    private final String key;
    private volatile Member member;

    /**
     * Prepares it.
     *
     * @param prefix before all keys
     * @param member this node; the id is filled in by the session
     * @param defaultPort the port that the key leaves out
     */
    public Registration(String prefix, Member member, int defaultPort) {
        this.key = prefix + DIRECTORY + place(member.address(), member.port(), defaultPort);
        this.member = member;
    }

    /** This node as it is now. Any thread. */
    public Member member() {
        return member;
    }

    /** This node says something else of itself from now on. On the event loop. */
    public void member(Member changed) {
        member = changed;
    }

    @Override
    public String key(String nodeId) {
        return key;
    }

    @Override
    public byte[] value(String nodeId) {
        return MemberRecord.write(member.withId(nodeId));
    }

    /**
     * Why a registration found at our place must not be replaced. We hold the port, so on an address that means the
     * same machine to everybody the one who left it is dead; but a loopback address means another machine to each.
     */
    public Optional<String> objection(Entry found) {
        if (!isLoopback(member.address())) {
            return Optional.empty();
        }
        return MemberRecord.read(found.value())
                .filter(other -> !other.host().equals(member.host()))
                .map(other -> "address: " + member.address() + ":" + member.port() + " is registered by host "
                        + other.host() + ", and this is host " + member.host()
                        + "; give each machine an address that the others can reach");
    }

    private static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException notAnAddress) {
            return false;
        }
    }

    private static String place(String address, int port, int defaultPort) {
        if (port == defaultPort) {
            return address;
        }
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
    }
}
