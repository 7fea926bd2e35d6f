package dev.coterie.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The ports on which the members of a cluster talk to each other. A cluster writes them into its data when it is founded,
 * so they are kept beside the data and used again at the next start. A cluster of one talks to nobody and uses any.
 */
final class PeerPorts {

    private final Path data;
    private final List<Integer> ports;
    private final boolean remembered;

    private PeerPorts(Path data, List<Integer> ports, boolean remembered) {
        this.data = data;
        this.ports = ports;
        this.remembered = remembered;
    }

    /** Those of the cluster that has its data there, or free ones for a new cluster. */
    static PeerPorts of(Path data, int members) throws IOException {
        List<Integer> founded = founded(data);
        if (!founded.isEmpty() && founded.size() != members) {
            throw new EtcdException(
                    EtcdException.Kind.FAILED,
                    "data folder '" + data + "' holds an etcd of " + founded.size() + " member(s), not " + members
                            + "; ask for that many or name another folder");
        }
        if (founded.size() > 1) {
            return new PeerPorts(data, founded, true);
        }
        RandomGenerator random = RandomGenerator.getDefault();
        List<Integer> ports = Stream.generate(() -> Ports.free(random))
                .distinct()
                .limit(members)
                .toList();
        if (members > 1) {
            Files.write(file(data), ports.stream().map(String::valueOf).toList());
        }
        return new PeerPorts(data, ports, false);
    }

    /** The ports of the cluster whose data are there: none if there is none, any if it has nobody to talk to. */
    private static List<Integer> founded(Path data) throws IOException {
        if (Files.exists(data.resolve("member"))) {
            return List.of(0);
        }
        return Files.exists(file(data))
                ? Files.readAllLines(file(data)).stream().map(Integer::valueOf).toList()
                : List.of();
    }

    List<Integer> ports() {
        return ports;
    }

    /** Whether the cluster is older than this start, so that its ports are what they are. */
    boolean remembered() {
        return remembered;
    }

    /** Takes the founding of a new cluster back. */
    void forget() throws IOException {
        if (remembered || ports.size() == 1) {
            return;
        }
        Files.delete(file(data));
        for (int i = 0; i < ports.size(); i++) {
            Folders.delete(data.resolve("m" + i));
        }
    }

    private static Path file(Path data) {
        return data.resolve("peer-ports");
    }
}
