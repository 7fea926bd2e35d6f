package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** What is expected of every discovery, on the loopback interface: open, and sealed with a key. */
class LanContractIT {

    @Nested
    class Open extends OnLoopback {
        @Override
        LanConfig.Builder change(LanConfig.Builder config) {
            return config;
        }
    }

    @Nested
    class Sealed extends OnLoopback {
        private static final SharedKey KEY = SharedKey.of("a key that all the nodes know");

        @Override
        LanConfig.Builder change(LanConfig.Builder config) {
            return config.key(KEY);
        }
    }

    abstract static class OnLoopback extends DiscoveryContract {

        private Loopback ports;

        abstract LanConfig.Builder change(LanConfig.Builder config);

        @BeforeEach
        void choosePorts() {
            ports = new Loopback(5);
        }

        @Override
        protected Discovery join(String name, double weight, boolean eligible) {
            return LanDiscovery.join(change(ports.next())
                    .name(name)
                    .weight(weight)
                    .eligible(eligible)
                    .build());
        }

        @Override
        protected boolean deliversAll() {
            return false;
        }
    }
}
