package example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.etcd.embedded.EmbeddedEtcd;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.options.PutOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SeatsTest {

    @Test
    void a_seat_is_free_again_when_nobody_pays_within_ten_minutes() throws Exception {
        try (EmbeddedEtcd etcd = EmbeddedEtcd.start();
                Client client = Client.builder().endpoints(etcd.endpoint()).build()) {
            KV seats = client.getKVClient();
            long reservation = client.getLeaseClient().grant(600).get().getID();
            seats.put(bytes("seats/12A"), bytes("reserved"), onLease(reservation))
                    .get();

            etcd.advance(Duration.ofMinutes(10));

            assertThat(seats.get(bytes("seats/12A")).get().getKvs()).isEmpty();
        }
    }

    private static PutOption onLease(long lease) {
        return PutOption.builder().withLeaseId(lease).build();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }
}
