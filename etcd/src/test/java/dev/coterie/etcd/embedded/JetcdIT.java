package dev.coterie.etcd.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.election.CampaignResponse;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.election.NotLeaderException;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.watch.WatchEvent;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** jetcd's own client works with the embedded etcd. */
@Timeout(120)
class JetcdIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EmbeddedEtcd etcd = EmbeddedEtcd.start();
    private final Client client = Client.builder().endpoints(etcd.endpoint()).build();

    @AfterEach
    void stop() {
        client.close();
        etcd.close();
    }

    @Test
    void keys_and_transactions() {
        done(client.getKVClient().put(bytes("a/1"), bytes("one")));
        done(client.getKVClient().put(bytes("a/2"), bytes("two")));
        assertThat(done(client.getKVClient()
                                .get(
                                        bytes("a/"),
                                        GetOption.builder().isPrefix(true).build()))
                        .getKvs())
                .extracting(KeyValue::getValue)
                .containsExactly(bytes("one"), bytes("two"));

        TxnResponse response = done(client.getKVClient()
                .txn()
                .If(new Cmp(bytes("a/1"), Cmp.Op.EQUAL, CmpTarget.version(1)))
                .Then(Op.put(bytes("a/3"), bytes("three"), PutOption.DEFAULT))
                .Else(Op.get(bytes("a/1"), GetOption.DEFAULT))
                .commit());
        assertThat(response.isSucceeded()).isTrue();

        assertThat(done(client.getKVClient()
                                .delete(
                                        bytes("a/"),
                                        DeleteOption.builder().isPrefix(true).build()))
                        .getDeleted())
                .isEqualTo(3);
        done(client.getKVClient().compact(etcd.revision()));
        assertThatThrownBy(() -> done(client.getKVClient()
                        .get(bytes("a/1"), GetOption.builder().withRevision(2).build())))
                .hasMessageContaining("required revision has been compacted");
    }

    @Test
    void leases_that_are_kept_alive_and_leases_that_end() {
        long lease = done(client.getLeaseClient().grant(30)).getID();
        done(client.getKVClient()
                .put(
                        bytes("k"),
                        bytes("v"),
                        PutOption.builder().withLeaseId(lease).build()));
        Queue<Long> refreshed = new ConcurrentLinkedQueue<>();
        CloseableClient keeper =
                client.getLeaseClient().keepAlive(lease, new Streaming<>(response -> refreshed.add(response.getTTL())));
        await().atMost(PATIENCE).until(() -> refreshed.contains(30L));
        keeper.close();
        assertThat(done(client.getLeaseClient()
                                .timeToLive(
                                        lease,
                                        LeaseOption.builder().withAttachedKeys().build()))
                        .getKeys())
                .containsExactly(bytes("k"));

        etcd.advance(Duration.ofSeconds(31));

        assertThat(done(client.getKVClient().get(bytes("k"))).getKvs()).isEmpty();
        assertThatThrownBy(() -> done(client.getLeaseClient().keepAliveOnce(lease)))
                .hasMessageContaining("requested lease not found");
    }

    @Test
    void watches_also_when_they_are_cut() {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        try (Watch.Watcher watcher = client.getWatchClient()
                .watch(
                        bytes("w/"),
                        WatchOption.builder().isPrefix(true).withRevision(1).build(),
                        response -> response.getEvents().forEach(event -> seen.add(text(event))))) {
            done(client.getKVClient().put(bytes("w/1"), bytes("one")));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).containsExactly("PUT w/1 one"));

            etcd.cutWatches();
            done(client.getKVClient().put(bytes("w/2"), bytes("two")));
            done(client.getKVClient().delete(bytes("w/1")));

            await().atMost(PATIENCE).untilAsserted(() -> assertThat(seen).contains("PUT w/2 two", "DELETE w/1 "));
            assertThat(watcher.isClosed()).isFalse();
        }
    }

    @Test
    void locks() {
        long mine = done(client.getLeaseClient().grant(60)).getID();
        long theirs = done(client.getLeaseClient().grant(60)).getID();
        long lost = done(client.getLeaseClient().grant(60)).getID();
        ByteSequence key =
                done(client.getLockClient().lock(bytes("lock"), mine)).getKey();
        assertThat(key).isEqualTo(bytes("lock/" + Long.toHexString(mine)));
        assertThat(done(client.getLockClient().lock(bytes("lock"), mine)).getKey())
                .as("re-entrant for a lease, as etcd's is")
                .isEqualTo(key);
        CompletableFuture<LockResponse> next = client.getLockClient().lock(bytes("lock"), theirs);
        CompletableFuture<LockResponse> never = client.getLockClient().lock(bytes("lock"), lost);
        await().atMost(PATIENCE)
                .until(() -> done(client.getKVClient().get(bytes("lock/" + Long.toHexString(lost))))
                                .getCount()
                        == 1);
        etcd.expire(lost);
        assertThatThrownBy(() -> done(never)).hasMessageContaining("session is expired");
        assertThat(next).isNotDone();

        done(client.getLockClient().unlock(key));

        assertThat(done(next).getKey()).isEqualTo(bytes("lock/" + Long.toHexString(theirs)));
        assertThatThrownBy(() -> done(client.getLockClient().lock(bytes("lock"), 1)))
                .hasMessageContaining("requested lease not found");
    }

    @Test
    void elections() {
        Election elections = client.getElectionClient();
        ByteSequence chair = bytes("chair");
        long first = done(client.getLeaseClient().grant(60)).getID();
        long second = done(client.getLeaseClient().grant(60)).getID();
        assertThatThrownBy(() -> done(elections.leader(chair))).hasCauseInstanceOf(NoLeaderException.class);
        Queue<String> observed = new ConcurrentLinkedQueue<>();
        elections.observe(chair, new Observing(observed));

        CampaignResponse leader = done(elections.campaign(chair, first, bytes("first")));
        CompletableFuture<CampaignResponse> candidate = elections.campaign(chair, second, bytes("second"));
        done(elections.proclaim(leader.getLeader(), bytes("first again")));
        assertThat(done(elections.leader(chair)).getKv().getValue()).isEqualTo(bytes("first again"));
        await().atMost(PATIENCE).until(() -> observed.contains("first again"));
        assertThat(candidate).isNotDone();
        etcd.expire(first);

        assertThat(done(candidate).getLeader().getLease()).isEqualTo(second);
        await().atMost(PATIENCE).until(() -> observed.contains("second"));
        assertThatThrownBy(() -> done(elections.proclaim(leader.getLeader(), bytes("too late"))))
                .hasCauseInstanceOf(NotLeaderException.class);
        done(elections.resign(done(candidate).getLeader()));
        assertThatThrownBy(() -> done(elections.leader(chair))).hasCauseInstanceOf(NoLeaderException.class);
    }

    private record Observing(Queue<String> observed) implements Election.Listener {
        @Override
        public void onNext(LeaderResponse response) {
            observed.add(response.getKv().getValue().toString());
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    @Test
    void members_and_status() {
        assertThat(done(client.getClusterClient().listMember())
                        .getMembers()
                        .get(0)
                        .getName())
                .isEqualTo("embedded");
        assertThat(done(client.getMaintenanceClient().statusMember(etcd.endpoint()))
                        .getVersion())
                .startsWith("3.4");
        assertThat(done(client.getMaintenanceClient().listAlarms()).getAlarms()).isEmpty();
        assertThat(done(client.getAuthClient().userList()).getUsers()).isEqualTo(List.of());
    }

    private static String text(WatchEvent event) {
        return event.getEventType() + " " + event.getKeyValue().getKey() + " "
                + event.getKeyValue().getValue();
    }

    private static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static <T> T done(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
