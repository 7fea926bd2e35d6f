package dev.coterie.cluster.store;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.etcd.EtcdContainer;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract on etcds in containers. */
@ParameterizedClass
@MethodSource("dev.coterie.etcd.EtcdContainer#images")
class ContainerStoreIT extends KeyValueStoreContract {

    private static EtcdContainer etcd;

    @Parameter
    String image;

    @BeforeParameterizedClassInvocation
    static void startEtcd(String image) {
        etcd = EtcdContainer.start(image);
    }

    @AfterParameterizedClassInvocation
    static void stopEtcd() {
        etcd.close();
    }

    @Override
    KeyValueStore open(ThreadEventLoop deliverOn) {
        return new EtcdStore(etcd.endpoints().stream().map(URI::create).toList(), Duration.ofSeconds(5), deliverOn);
    }
}
