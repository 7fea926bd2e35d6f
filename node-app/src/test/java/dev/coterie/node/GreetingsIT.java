package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.EtcdProcess;
import example.Greetings;
import org.junit.jupiter.api.Test;

/** The program in the README does what it says there. */
class GreetingsIT {

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
}
