package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.EtcdProcess;
import example.Greetings;
import example.Shop;
import org.junit.jupiter.api.Test;

/** The programs in the documentation do what it says there. */
class ExamplesIT {

    @Test
    void two_of_them_greet_each_other_and_the_second_becomes_master_when_the_first_ends() {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
                CoterieProcess first =
                        CoterieProcess.start(Greetings.class, etcd.endpoints().get(0))) {
            first.awaitLine("I am master");
            try (CoterieProcess second =
                    CoterieProcess.start(Greetings.class, etcd.endpoints().get(0))) {
                first.awaitLine(".* is here");
                first.awaitLine(".*: hello");
                first.endInput();
                second.awaitLine(".* has gone");
                second.awaitLine("I am master");
                second.endInput();

                assertThat(first.exitStatus()).isZero();
                assertThat(second.exitStatus()).isZero();
            }
        }
    }

    @Test
    void a_till_is_ready_while_there_is_a_bank() {
        try (EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
                CoterieProcess till =
                        CoterieProcess.start(Shop.class, etcd.endpoints().get(0), "till", "8000", "bank")) {
            try (CoterieProcess bank =
                    CoterieProcess.start(Shop.class, etcd.endpoints().get(0), "bank", "7000")) {
                till.awaitLine("connecting to port 7000");
                till.awaitLine("using bank@.*");
                bank.endInput();
                assertThat(bank.exitStatus()).isZero();
            }
            till.awaitLine("bank is missed");
            till.endInput();
            assertThat(till.exitStatus()).isZero();
        }
    }
}
