package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.embedded.EmbeddedEtcd;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The scenarios on the etcd inside the JVM,. */
class EmbeddedClusterIT extends ClusterScenarios {

    private static EmbeddedEtcd etcd;

    @BeforeAll
    static void startEtcd() {
        etcd = EmbeddedEtcd.start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @Override
    List<String> endpoints() {
        return etcd.endpoints();
    }

    @Test
    void a_node_joins() {
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start();
                Cluster cluster = Cluster.join(ClusterConfig.of(etcd.endpoint())
                        .withAddress("127.0.0.1")
                        .withPort(0))) {
            assertThat(cluster.view().members()).hasSize(1);
        }
    }
}
