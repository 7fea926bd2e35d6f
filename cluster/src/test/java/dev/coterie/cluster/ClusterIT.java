package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.EtcdProcess;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The scenarios on a real etcd. */
class ClusterIT extends ClusterScenarios {

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
    List<String> endpoints() {
        return etcd.endpoints();
    }

    @Test
    void the_registration_can_be_read_in_any_etcd_browser() {
        TestNode a = join("a");
        int port = a.cluster.self().port();
        String shown = etcd.etcdctl("get", "services/127.0.0.1:" + port, "--print-value-only");
        assertThat(shown)
                .contains("\"id\":\"" + a.cluster.self().id() + "\"")
                .contains("\"name\":\"a\"")
                .contains("\"port\":" + port);
        assertThat(a.cluster.self().id()).matches("a-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }
}
