package dev.coterie.node.doctor;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.Observer;
import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.node.doctor.Finding.Level;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Examines this machine, etcd and the cluster. Changes nothing; waits for each answer as long as a request may take. */
public final class Doctor {

    private final ClusterConfig config;
    private final int port;
    private final int consolePort;

    /**
     * Prepares it.
     *
     * @param config where etcd is, the prefix and the request timeout
     * @param port that a node would have
     * @param consolePort that its console would have
     */
    public Doctor(ClusterConfig config, int port, int consolePort) {
        this.config = config;
        this.port = port;
        this.consolePort = consolePort;
    }

    /** What there is to say; etcd's members first to last as they were named. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>(Machine.all());
        List<Finding> etcd = new ArrayList<>();
        for (URI endpoint : config.etcd()) {
            etcd.addAll(new EtcdMember(endpoint, config.requestTimeout()).examine());
        }
        Optional<Sight> sight = Optional.empty();
        List<Finding> cluster = new ArrayList<>();
        try (Observer observer = new Observer(config)) {
            sight = Optional.of(observer.look());
            cluster.addAll(new ClusterLook(observer).examine(sight.get()));
        } catch (StoreException unreachable) {
            cluster.add(Finding.wrong(
                    "members", "cannot be known: " + unreachable.getMessage(), "see to etcd first, as said above"));
        }
        findings.add(Machine.port("port", port, sight.map(Sight::members), true));
        findings.add(Machine.port("console-port", consolePort, Optional.empty(), false));
        findings.addAll(etcd);
        findings.addAll(cluster);
        return findings;
    }

    /** Whether no member of etcd has answered. */
    public static boolean isWithoutEtcd(List<Finding> findings) {
        return findings.stream().noneMatch(finding -> finding.subject().equals("etcd latency"));
    }

    /** How many findings are of a level. */
    public static long count(List<Finding> findings, Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }
}
