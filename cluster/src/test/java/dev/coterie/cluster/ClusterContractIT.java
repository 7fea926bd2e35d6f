package dev.coterie.cluster;

import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryContract;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What is expected of every discovery, on a real etcd. */
class ClusterContractIT extends DiscoveryContract {

    private static EtcdProcess etcd;

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @Override
    protected Discovery join(String name, double weight, boolean eligible) {
        return Cluster.join(ClusterConfig.of(etcd.endpoints().toArray(new String[0]))
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0)
                .withTtl(Duration.ofSeconds(30))
                .withRefresh(Duration.ofSeconds(5))
                .withWeight(weight)
                .withEligible(eligible));
    }

    @Override
    protected boolean deliversAll() {
        return true;
    }
}
