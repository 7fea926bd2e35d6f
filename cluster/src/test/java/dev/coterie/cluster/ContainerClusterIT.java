package dev.coterie.cluster;

import dev.coterie.etcd.EtcdContainer;
import java.util.List;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The scenarios on etcds in containers. */
@ParameterizedClass
@MethodSource("dev.coterie.etcd.EtcdContainer#images")
class ContainerClusterIT extends ClusterScenarios {

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
    List<String> endpoints() {
        return etcd.endpoints();
    }
}
