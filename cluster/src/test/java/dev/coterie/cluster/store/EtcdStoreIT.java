package dev.coterie.cluster.store;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.etcd.EtcdProcess;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on a real etcd. */
class EtcdStoreIT extends KeyValueStoreContract {

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
    KeyValueStore open(ThreadEventLoop deliverOn) {
        return new EtcdStore(etcd.endpoints().stream().map(URI::create).toList(), Duration.ofSeconds(5), deliverOn);
    }
}
