package dev.coterie.workers.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Items;
import dev.coterie.workers.traffic.Outbox.Parcel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private static final InetSocketAddress REMOTE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

    private final List<ByteBuffer> sent = new ArrayList<>();
    private final Outbox box = new Outbox(sent::add);

    @Test
    void many_data_go_into_a_frame_and_a_few_frames_are_under_way() {
        add(10_000, 200);
        box.flush();
        assertThat(sent).hasSize(4);
        int first = count(sent.get(0));
        assertThat(first).isBetween(250, 330);

        assertThat(box.done()).hasSize(first).allMatch(parcel -> parcel.attempts() == 0);
        box.flush();
        assertThat(sent).hasSize(5);
    }

    @Test
    void everything_arrives_in_order() {
        add(1000, 50);
        List<Long> arrived = new ArrayList<>();
        box.flush();
        while (!box.isEmpty()) {
            Items.read(sent.remove(0).position(5), datum -> arrived.add(datum.connection()));
            box.done();
            box.flush();
        }
        assertThat(arrived).hasSize(1000).isSorted();
        assertThat(box.bytes()).isZero();
    }

    @Test
    void it_is_full_at_its_bound_whether_or_not_the_data_are_under_way() {
        while (!box.isFull()) {
            add(1, 60_000);
            box.flush();
        }
        assertThat(box.bytes()).isBetween((long) Outbox.MOST_BYTES, Outbox.MOST_BYTES + 61_000L);
        box.done();
        assertThat(box.isFull()).isFalse();
    }

    @Test
    void what_a_dead_worker_had_comes_out_in_order_and_what_was_under_way_counts_as_tried() {
        add(10, 30_000);
        box.flush();

        List<Parcel> left = box.empty();

        assertThat(left)
                .extracting(parcel -> parcel.datum().connection())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(left).extracting(Parcel::attempts).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
        assertThat(box.isEmpty()).isTrue();
        assertThat(box.bytes()).isZero();
    }

    @Test
    void a_worker_that_is_done_with_what_it_never_got_is_refused() {
        assertThatThrownBy(box::done).isInstanceOf(IllegalArgumentException.class);
    }

    private void add(int count, int bytes) {
        for (int number = 0; number < count; number++) {
            box.add(new Parcel(new Datum(number, REMOTE, new byte[bytes]), 0));
        }
    }

    private static int count(ByteBuffer frame) {
        int[] count = new int[1];
        Items.read(frame.duplicate().position(5), datum -> count[0]++);
        return count[0];
    }
}
