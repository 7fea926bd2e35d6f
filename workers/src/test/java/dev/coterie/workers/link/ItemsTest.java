package dev.coterie.workers.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ItemsTest {

    @Test
    void what_is_written_is_read() throws UnknownHostException {
        List<Datum> data = List.of(
                new Datum(0, address(new byte[] {127, 0, 0, 1}, 65_535), new byte[] {1, 2, 3}),
                new Datum(Long.MAX_VALUE, address(new byte[16], 1), new byte[0]),
                new Datum(7, address(new byte[] {10, 1, 2, 3}, 0), new byte[65_507]));
        ByteBuffer frame = Items.frame(Kind.DATA, data);
        assertThat(frame.getInt()).isEqualTo(frame.remaining());
        assertThat(Kind.DATA.is(frame.get())).isTrue();

        List<Datum> read = new ArrayList<>();
        Items.read(frame, read::add);

        assertThat(read).usingRecursiveComparison().isEqualTo(data);
    }

    private static InetSocketAddress address(byte[] bytes, int port) throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }

    @Test
    void nonsense_is_refused_and_nothing_else_is_thrown() {
        Random random = new Random(1);
        for (int round = 0; round < 10_000; round++) {
            byte[] nonsense = new byte[1 + random.nextInt(60)];
            random.nextBytes(nonsense);
            if (random.nextBoolean() && nonsense.length > 9) {
                nonsense[8] = 4;
            }
            try {
                Items.read(ByteBuffer.wrap(nonsense), datum -> {});
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("an item");
            }
        }
        assertThatThrownBy(() -> Items.read(ByteBuffer.wrap(new byte[10]), datum -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
