package dev.coterie.etcd.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.coterie.etcd.EtcdException;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EmbeddedEtcdTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Executor NEW_THREAD = task -> new Thread(task).start();

    private final EmbeddedEtcd etcd = EmbeddedEtcd.with().stoppedClock().start();
    private final RawClient client = new RawClient(etcd.endpoint());

    @AfterEach
    void stop() {
        client.close();
        etcd.close();
    }

    @Test
    void time_passes_when_the_test_says_so() {
        grant(7, 60);
        put("leased", "x", 7);
        etcd.advance(Duration.ofSeconds(59));
        assertThat(get("leased")).isEqualTo("x");

        etcd.advance(Duration.ofSeconds(1));

        assertThat(get("leased")).isEmpty();
    }

    @Test
    void leases_end_on_the_machines_clock_unless_it_is_stopped() {
        try (EmbeddedEtcd running = EmbeddedEtcd.start();
                RawClient other = new RawClient(running.endpoint())) {
            other.ask(LeaseGrpc.getLeaseGrantMethod(), lease(7, 2));
            assertThat(other.keepAlive(7).getTTL()).isEqualTo(2);
            RawClient.Watching watching = other.watch();
            other.ask(
                    KVGrpc.getPutMethod(),
                    PutRequest.newBuilder().setKey(key("leased")).setLease(7).build());
            watching.send(create("leased", 1));

            // Nobody asks for anything meanwhile: time alone has to do it.
            await().atMost(PATIENCE).until(() -> events(watching) == 2);
        }
    }

    @Test
    void a_lease_can_be_made_to_end() {
        grant(7, 60);
        put("leased", "x", 7);

        etcd.expire(7);

        assertThat(get("leased")).isEmpty();
        assertThatThrownBy(() -> etcd.expire(7)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compaction_makes_the_past_unreadable() {
        put("a", "1", 0);
        put("a", "2", 0);

        etcd.compact();

        assertThat(get("a")).isEqualTo("2");
        assertThat(client.say(
                        KVGrpc.getRangeMethod(),
                        RangeRequest.newBuilder()
                                .setKey(key("a"))
                                .setRevision(etcd.revision() - 1)
                                .build()))
                .isEqualTo("OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted");
    }

    @Test
    void cut_watches_end_as_if_the_connection_had_broken() {
        RawClient.Watching watching = client.watch();
        watching.send(create("a", 0));
        await().atMost(PATIENCE).until(() -> watching.responses().size() == 1);

        etcd.cutWatches();

        await().atMost(PATIENCE).until(() -> watching.end().contains("UNAVAILABLE"));
        RawClient.Watching again = client.watch();
        put("a", "1", 0);
        again.send(create("a", 1));
        await().atMost(PATIENCE).until(() -> events(again) == 1);
    }

    @Test
    void delayed_answers_come_late_and_in_order() {
        RawClient.Watching watching = client.watch();
        watching.send(create("a", 0));
        await().atMost(PATIENCE).until(() -> watching.responses().size() == 1);
        etcd.delayAnswers(Duration.ofMillis(150));
        long before = System.nanoTime();
        put("a", "1", 0);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        CompletableFuture<Void> slow = CompletableFuture.runAsync(() -> put("a", "2", 0), NEW_THREAD);
        await().atMost(PATIENCE).until(() -> etcd.revision() == 3);

        etcd.delayAnswers(Duration.ZERO);
        put("a", "3", 0);

        assertThat(slow).succeedsWithin(PATIENCE);
        assertThat(watching.responses())
                .filteredOn(response -> response.getEventsCount() > 0)
                .extracting(response -> response.getHeader().getRevision())
                .containsExactly(2L, 3L, 4L);
    }

    /** Requests come in their order on a connection that stands; while it is being made, they may overtake. */
    private void connect() {
        assertThat(get("nothing yet")).isEmpty();
    }

    @Test
    void a_lost_request_does_nothing() {
        connect();
        etcd.loseRequests(1);
        Future<?> lost = client.start(KVGrpc.getPutMethod(), put("lost"));

        assertThat(get("lost")).isEmpty();
        assertThat(lost.isDone()).isFalse();
        lost.cancel(true);
    }

    @Test
    void a_lost_answer_is_that_of_a_request_that_was_carried_out() {
        connect();
        etcd.loseAnswers(1);
        Future<?> lost = client.start(KVGrpc.getPutMethod(), put("lost"));

        assertThat(get("lost")).isEqualTo("x");
        assertThat(lost.isDone()).isFalse();
        lost.cancel(true);
    }

    @Test
    void while_it_does_not_answer_nothing_happens_and_then_everything_in_its_order() {
        grant(7, 60);
        put("leased", "x", 7);
        RawClient.Watching watching = client.watch();
        watching.send(create("", 0));
        await().atMost(PATIENCE).until(() -> watching.responses().size() == 1);

        etcd.stopAnswering();
        CompletableFuture<Void> late = CompletableFuture.runAsync(() -> put("late", "1", 0), NEW_THREAD);
        etcd.advance(Duration.ofSeconds(61));
        String answer = client.sayWithin(
                Duration.ofMillis(300),
                KVGrpc.getRangeMethod(),
                RangeRequest.newBuilder().setKey(key("late")).build());
        assertThat(answer).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(etcd.revision()).isEqualTo(2);
        assertThat(late).isNotDone();
        etcd.answerAgain();

        assertThat(late).succeedsWithin(PATIENCE);
        assertThat(get("leased")).isEmpty();
        await().atMost(PATIENCE).until(() -> events(watching) == 2);
        assertThat(watching.responses().get(1).getEvents(0).getKv().getKey()).isEqualTo(key("leased"));
    }

    @Test
    void a_port_that_is_taken_is_an_error_that_names_it() {
        int port = URI.create(etcd.endpoint()).getPort();

        assertThatThrownBy(() -> EmbeddedEtcd.with().port(port).start())
                .isInstanceOfSatisfying(
                        EtcdException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(EtcdException.Kind.PORT_TAKEN))
                .hasMessageContaining("port " + port);
        etcd.close();
        try (EmbeddedEtcd next = EmbeddedEtcd.with().port(port).start()) {
            assertThat(next.endpoints()).containsExactly("http://127.0.0.1:" + port);
        }
    }

    @Test
    void a_client_that_does_not_read_its_watch_gets_everything_when_it_does() {
        RawClient.Watching watching = client.slowWatch();
        watching.send(create("big", 1));
        String large = "x".repeat(500_000);
        for (int i = 0; i < 40; i++) {
            put("big", large, 0);
        }

        watching.readAll();

        await().atMost(PATIENCE).until(() -> events(watching) == 40);
        assertThat(watching.responses().stream()
                        .flatMap(response -> response.getEventsList().stream())
                        .map(event -> event.getKv().getModRevision()))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    private static int events(RawClient.Watching watching) {
        return watching.responses().stream()
                .mapToInt(WatchResponse::getEventsCount)
                .sum();
    }

    private void grant(long id, long seconds) {
        client.ask(LeaseGrpc.getLeaseGrantMethod(), lease(id, seconds));
    }

    private static LeaseGrantRequest lease(long id, long seconds) {
        return LeaseGrantRequest.newBuilder().setID(id).setTTL(seconds).build();
    }

    private static PutRequest put(String key) {
        return PutRequest.newBuilder().setKey(key(key)).setValue(key("x")).build();
    }

    private void put(String key, String value, long lease) {
        client.ask(
                KVGrpc.getPutMethod(),
                PutRequest.newBuilder()
                        .setKey(key(key))
                        .setValue(key(value))
                        .setLease(lease)
                        .build());
    }

    private String get(String key) {
        return client
                .ask(
                        KVGrpc.getRangeMethod(),
                        RangeRequest.newBuilder().setKey(key(key)).build())
                .getKvsList()
                .stream()
                .map(keyValue -> keyValue.getValue().toStringUtf8())
                .findFirst()
                .orElse("");
    }

    /** Of one key, or of all for the empty one. */
    private static WatchRequest create(String key, long revision) {
        return WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(key(key))
                        .setRangeEnd(key.isEmpty() ? key("\0") : ByteString.EMPTY)
                        .setStartRevision(revision))
                .build();
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
