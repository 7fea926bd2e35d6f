package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.etcd.EtcdProcess;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The scenarios on a real etcd, and what etcd adds to them. */
class ServiceIT extends ServiceScenarios {

    private static final AtomicInteger GROUPS = new AtomicInteger();

    private static EtcdProcess etcd;

    private final String prefix = "group-" + GROUPS.incrementAndGet() + "/";

    @BeforeAll
    static void startEtcd() {
        etcd = EtcdProcess.with().fastStorage().start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd.close();
    }

    @Override
    Discovery join(String name) {
        return Cluster.join(ClusterConfig.of(etcd.endpoints().get(0))
                .withPrefix(prefix)
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0)
                .withTtl(Duration.ofSeconds(30))
                .withRefresh(Duration.ofSeconds(5)));
    }

    @Test
    void services_come_back_after_a_lost_session_and_stand_in_the_registration() {
        try (ServiceNode shop = new ServiceNode(join("shop")).offer("bank");
                ServiceNode user = new ServiceNode(join("user")).offer("user", "bank")) {
            await().until(user.services::isReady);
            String key = prefix + "services/127.0.0.1:" + shop.discovery.self().port();
            assertThat(etcd.etcdctl("get", key, "--print-value-only"))
                    .contains("\"services\":[{\"name\":\"bank\",\"ready\":true,\"info\":{}}]");
            String before = shop.discovery.self().id();
            etcd.etcdctl("del", key);
            await().until(() -> user.services.services("bank").stream()
                    .anyMatch(instance -> !instance.member().id().equals(before)));
            await().until(() -> !shop.discovery.self().id().equals(before));
            assertThat(shop.services.services()).containsOnlyKeys("user");
            assertThat(user.services.services("bank").get(0).service()).isEqualTo(Service.of("bank"));
        }
    }

    @Override
    String group() {
        return etcd.endpoints().get(0);
    }
}
