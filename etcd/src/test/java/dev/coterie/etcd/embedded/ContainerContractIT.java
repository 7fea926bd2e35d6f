package dev.coterie.etcd.embedded;

import dev.coterie.etcd.EtcdContainer;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract with etcds in containers. */
@ParameterizedClass
@MethodSource("dev.coterie.etcd.EtcdContainer#images")
class ContainerContractIT extends ContractIT {

    @Parameter
    String image;

    @Override
    BothEtcds etcds() {
        EtcdContainer etcd = EtcdContainer.start(image);
        return new BothEtcds(etcd.endpoints().get(0), etcd::close, false);
    }
}
