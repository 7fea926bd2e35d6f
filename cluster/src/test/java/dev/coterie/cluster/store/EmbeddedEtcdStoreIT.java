package dev.coterie.cluster.store;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.etcd.embedded.EmbeddedEtcd;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on the etcd inside the JVM. */
class EmbeddedEtcdStoreIT extends KeyValueStoreContract {

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
    KeyValueStore open(ThreadEventLoop deliverOn) {
        return new EtcdStore(etcd.endpoints().stream().map(URI::create).toList(), Duration.ofSeconds(5), deliverOn);
    }
}
