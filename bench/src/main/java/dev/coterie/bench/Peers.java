package dev.coterie.bench;

import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.systems.CoteriePeer;
import dev.coterie.bench.systems.CuratorPeer;
import dev.coterie.bench.systems.DbSchedulerPeer;
import dev.coterie.bench.systems.HazelcastPeer;
import dev.coterie.bench.systems.JGroupsPeer;
import dev.coterie.bench.systems.JetcdPeer;
import dev.coterie.bench.systems.NatsPeer;
import dev.coterie.bench.systems.RabbitPeer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The systems by their short names. */
public final class Peers {

    private static final Map<String, Class<? extends Peer>> KNOWN = Map.of(
            "coterie", CoteriePeer.class,
            "curator", CuratorPeer.class,
            "jetcd", JetcdPeer.class,
            "hazelcast", HazelcastPeer.class,
            "jgroups", JGroupsPeer.class,
            "jgroups-tuned", JGroupsPeer.Tuned.class,
            "nats", NatsPeer.class,
            "rabbitmq", RabbitPeer.class,
            "rabbitmq-quorum", RabbitPeer.Quorum.class,
            "dbscheduler", DbSchedulerPeer.class);

    private Peers() {}

    /** Those of the named profiles that a system has. */
    static Map<String, Map<String, String>> profiles(String name, List<String> wanted) {
        Map<String, Map<String, String>> profiles = new TreeMap<>(load(name).profiles());
        profiles.keySet().retainAll(wanted);
        return profiles;
    }

    /**
     * The system of this name.
     *
     * @param name a short name, or that of a class on the class path
     * @throws IllegalArgumentException if there is none
     */
    public static Peer load(String name) {
        try {
            Class<?> type = KNOWN.containsKey(name) ? KNOWN.get(name) : Class.forName(name);
            return (Peer) type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException | ClassCastException unknown) {
            throw new IllegalArgumentException(
                    "--peers: '" + name + "' is none; there are " + String.join(", ", new TreeSet<>(KNOWN.keySet()))
                            + ", or name a class that implements Peer",
                    unknown);
        }
    }
}
