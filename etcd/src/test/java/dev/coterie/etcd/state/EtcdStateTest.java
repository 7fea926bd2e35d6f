package dev.coterie.etcd.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EtcdStateTest {

    private static final long START = -1_000_000_000_000L;

    private final EtcdState state = new EtcdState(START);
    private final Recorder recorder = new Recorder();

    @Test
    void leases_end_exactly_when_their_time_is_up_each_in_a_revision_of_its_own() {
        watchAll(0);
        grant(1, 20);
        grant(2, 10);
        grant(3, 10);
        put("a", 1);
        put("b", 2);
        put("c", 3);
        put("d", 3);
        assertThat(state.nextEvent()).hasValue(at(10));

        state.advance(at(10) - 1);
        assertThat(state.revision()).isEqualTo(5);
        state.advance(at(10));
        assertThat(state.revision()).isEqualTo(7);
        state.advance(at(20));

        assertThat(recorder.deletions()).containsExactly("6 b", "7 c", "7 d", "8 a");
    }

    @Test
    void a_lease_that_is_refreshed_lives_on() {
        grant(1, 10);
        put("a", 1);
        state.advance(at(9));
        assertThat(timeToLive(1)).isEqualTo(1);

        assertThat(state.leaseKeepAlive(
                                LeaseKeepAliveRequest.newBuilder().setID(1).build())
                        .getTTL())
                .isEqualTo(10);

        state.advance(at(18));
        assertThat(timeToLive(1)).isEqualTo(1);
        state.advance(at(19));
        assertThat(timeToLive(1)).isEqualTo(-1);
    }

    @Test
    void a_lease_of_centuries_does_not_end_at_once() {
        EtcdState late = new EtcdState(Long.MAX_VALUE - 1000);
        late.leaseGrant(LeaseGrantRequest.newBuilder()
                .setID(1)
                .setTTL(Leases.LONGEST_SECONDS)
                .build());
        late.advance(Long.MAX_VALUE - 500);

        assertThat(late.leaseTimeToLive(
                                LeaseTimeToLiveRequest.newBuilder().setID(1).build())
                        .getGrantedTTL())
                .isEqualTo(Leases.LONGEST_SECONDS);
    }

    @Test
    void time_does_not_go_back() {
        grant(1, 10);
        state.advance(at(5));
        state.advance(at(0));

        assertThat(timeToLive(1)).isEqualTo(5);
    }

    @Test
    void a_quiet_watch_that_wants_it_is_told_every_ten_minutes_how_far_the_store_is() {
        WatchStream stream = state.watch(recorder);
        stream.request(create(0).toBuilder()
                .setCreateRequest(create(0).getCreateRequest().toBuilder().setProgressNotify(true))
                .build());
        put("a", 0);
        recorder.responses.clear();

        state.advance(at(600));
        assertThat(recorder.responses).as("it was told of a change meanwhile").isEmpty();
        state.advance(at(1200));
        assertThat(recorder.responses)
                .singleElement()
                .satisfies(response ->
                        assertThat(response.getHeader().getRevision()).isEqualTo(2));
        stream.close();
        assertThat(state.nextEvent()).isEmpty();
    }

    @Test
    void a_listener_that_takes_nothing_misses_nothing() {
        WatchStream stream = watchAll(0);
        put("a", 0);
        recorder.ready = false;
        put("b", 0);
        put("c", 0);
        assertThat(recorder.events()).isEqualTo(1);

        recorder.ready = true;
        stream.ready();
        put("d", 0);

        assertThat(recorder.events()).isEqualTo(4);
    }

    @Test
    void a_listener_that_takes_nothing_for_too_long_is_told_that_it_missed_something() {
        WatchStream stream = watchAll(0);
        recorder.ready = false;
        put("a", 0);
        put("a", 0);
        put("a", 0);
        state.compact(CompactionRequest.newBuilder().setRevision(3).build());

        recorder.ready = true;
        stream.ready();

        WatchResponse last = recorder.responses.get(recorder.responses.size() - 1);
        assertThat(last.getCanceled()).isTrue();
        assertThat(last.getCompactRevision()).isEqualTo(3);
    }

    @Test
    void a_closed_stream_says_nothing() {
        watchAll(0).close();
        put("a", 0);

        assertThat(recorder.events()).isZero();
    }

    @Test
    void what_is_compacted_is_not_remembered() {
        for (int i = 0; i < 100; i++) {
            put("a", 0);
            state.deleteRange(DeleteRangeRequest.newBuilder().setKey(key("a")).build());
        }
        long before = state.status().getDbSize();
        assertThat(before).isPositive();

        state.compact(
                CompactionRequest.newBuilder().setRevision(state.revision()).build());

        assertThat(state.status().getDbSize()).isZero();
    }

    @Test
    void errors_are_answers_and_carry_no_stack() {
        assertThatThrownBy(() -> state.range(RangeRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(EtcdError.class, error -> {
                    assertThat(error.code()).isEqualTo(EtcdError.Code.INVALID_ARGUMENT);
                    assertThat(error.getStackTrace()).isEmpty();
                });
    }

    @Test
    void the_same_requests_give_the_same_answers_to_the_byte() {
        assertThat(history(42)).isEqualTo(history(42)).isNotEqualTo(history(43));
    }

    private static List<ByteString> history(long seed) {
        Random random = new Random(seed);
        EtcdState state = new EtcdState(0);
        List<ByteString> history = new ArrayList<>();
        WatchStream stream = state.watch(response -> history.add(response.toByteString()));
        stream.request(create(0));
        for (int i = 0; i < 2000; i++) {
            switch (random.nextInt(4)) {
                case 0 ->
                    history.add(state.leaseGrant(LeaseGrantRequest.newBuilder()
                                    .setTTL(random.nextInt(100))
                                    .build())
                            .toByteString());
                case 1 -> state.advance(TimeUnit.MILLISECONDS.toNanos(i * 500L));
                default -> history.add(putOnNewLease(state, random));
            }
        }
        return history;
    }

    private static ByteString putOnNewLease(EtcdState state, Random random) {
        long lease = state.leaseGrant(LeaseGrantRequest.newBuilder()
                        .setTTL(random.nextInt(50))
                        .build())
                .getID();
        return state.put(PutRequest.newBuilder()
                        .setKey(key("key" + random.nextInt(20)))
                        .setPrevKv(true)
                        .setLease(lease)
                        .build())
                .toByteString();
    }

    private WatchStream watchAll(long revision) {
        WatchStream stream = state.watch(recorder);
        stream.request(create(revision));
        return stream;
    }

    private static WatchRequest create(long revision) {
        return WatchRequest.newBuilder()
                .setCreateRequest(
                        WatchCreateRequest.newBuilder().setRangeEnd(key("\0")).setStartRevision(revision))
                .build();
    }

    private void grant(long id, long seconds) {
        state.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(id).setTTL(seconds).build());
    }

    private void put(String key, long lease) {
        state.put(PutRequest.newBuilder().setKey(key(key)).setLease(lease).build());
    }

    private long timeToLive(long lease) {
        return state.leaseTimeToLive(
                        LeaseTimeToLiveRequest.newBuilder().setID(lease).build())
                .getTTL();
    }

    private static long at(long seconds) {
        return START + TimeUnit.SECONDS.toNanos(seconds);
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static final class Recorder implements WatchListener {

        private final List<WatchResponse> responses = new ArrayList<>();
        private boolean ready = true;

        @Override
        public void onResponse(WatchResponse response) {
            responses.add(response);
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        private int events() {
            return responses.stream().mapToInt(WatchResponse::getEventsCount).sum();
        }

        private List<String> deletions() {
            return responses.stream()
                    .flatMap(response -> response.getEventsList().stream())
                    .filter(event -> event.getTypeValue() == 1)
                    .map(event -> event.getKv().getModRevision() + " "
                            + event.getKv().getKey().toStringUtf8())
                    .toList();
        }
    }
}
