package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberUpdated;
import dev.coterie.cluster.discovery.DiscoveryEvent.Rejoined;
import dev.coterie.cluster.discovery.DiscoveryEvent.SessionLost;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.Mirror;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.etcd.EtcdProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What becomes of nodes when etcd, or the way to it, goes away and comes back. */
class OutageIT {

    private final EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        etcd.close();
    }

    @Test
    void etcd_killed_for_ten_seconds_costs_no_event_and_tells_none_twice() throws Exception {
        TestNode a = join("a", etcd.endpoints());
        await().until(a::isMaster);
        TestNode b = join("b", etcd.endpoints());
        await().until(() -> a.told(MemberAdded.class).size() == 1);
        etcd.kill();
        long killed = System.nanoTime();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> System.nanoTime() - killed > 10_000_000_000L);
        assertThat(a.isMaster()).isTrue();
        assertThat(a.told(SessionLost.class)).isEmpty();
        etcd.start();
        long back = System.nanoTime();
        // Written as soon as etcd answers, so that what the watch tells first is told after its return.
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> b.cluster.advertise(Map.of("round", 1)).toCompletableFuture(), this::succeeds);
        await().pollInterval(Duration.ofMillis(10))
                .until(() -> a.told(MemberUpdated.class).size() == 1);
        System.out.printf("etcd back to first event seen: %d ms%n", (System.nanoTime() - back) / 1_000_000);
        for (int round = 2; round <= 20; round++) {
            get(b.cluster.advertise(Map.of("round", round)).toCompletableFuture());
        }
        await().until(() -> a.told(MemberUpdated.class).size() == 20);
        assertThat(a.told(MemberUpdated.class))
                .extracting(updated -> updated.member().info().get("round"))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 20)
                        .boxed()
                        .map(Object.class::cast)
                        .toList());
        assertThat(a.told(MemberRemoved.class)).isEmpty();
        assertThat(a.told(MemberAdded.class)).hasSize(1);
        assertThat(a.told(Demoted.class)).isEmpty();
    }

    @Test
    void differences_made_while_a_node_is_cut_off_arrive_even_if_they_are_compacted_away() {
        TcpProxy way = proxy();
        TestNode a = join("a", List.of(way.endpoint()));
        TestNode b = join("b", etcd.endpoints());
        await().until(() -> a.told(MemberAdded.class).size() == 1);
        way.cut();
        TestNode c = join("c", etcd.endpoints());
        b.close();
        Range any = Range.key("any");
        long now = get(c.cluster.store().range(any)).revision();
        get(c.cluster.store().compact(now));
        way.heal();
        await().until(() ->
                a.names().equals(List.of("a", "c")) && a.told(MemberAdded.class).size() == 2);
        assertThat(a.told(MemberRemoved.class))
                .extracting(removed -> removed.member().name())
                .containsExactly("b");
        assertThat(a.told(MemberAdded.class))
                .extracting(added -> added.member().name())
                .containsExactly("b", "c");
        assertThat(a.told(SessionLost.class)).isEmpty();
    }

    @Test
    void a_watch_that_is_cut_again_and_again_tells_everything_once_and_in_order() {
        TcpProxy way = proxy();
        ThreadEventLoop loop = new ThreadEventLoop("mirror");
        EtcdStore near = new EtcdStore(List.of(URI.create(way.endpoint())), Duration.ofSeconds(2), loop);
        EtcdStore writer =
                new EtcdStore(etcd.endpoints().stream().map(URI::create).toList(), Duration.ofSeconds(2), loop);
        open.add(near);
        open.add(writer);
        open.add(loop);
        List<Change> told = new CopyOnWriteArrayList<>();
        AtomicBoolean looked = new AtomicBoolean();
        Mirror mirror = new Mirror(near, loop, "cut/", Duration.ofHours(1), (revision, changes) -> {
            told.addAll(changes);
            looked.set(true);
        });
        loop.execute(mirror::start);
        // What is there before the first view is told in the order of its keys.
        await().untilTrue(looked);
        int writes = 600;
        for (int i = 0; i < writes; i++) {
            get(writer.commit(Transaction.when().then(Operation.put("cut/" + i, "v"))));
            if (i % 100 == 50) {
                way.cut();
            } else if (i % 100 == 70) {
                way.heal();
            }
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> told.size() == writes);
        assertThat(told)
                .extracting(Change::key)
                .containsExactlyElementsOf(
                        IntStream.range(0, writes).mapToObj(i -> "cut/" + i).toList());
    }

    @Test
    void an_etcd_that_was_restored_from_a_backup_is_read_again_at_once() {
        TcpProxy way = proxy();
        ThreadEventLoop loop = new ThreadEventLoop("mirror");
        EtcdStore near = new EtcdStore(List.of(URI.create(way.endpoint())), Duration.ofSeconds(2), loop);
        open.add(near);
        open.add(loop);
        for (int i = 0; i < 20; i++) {
            etcd.etcdctl("put", "kept/" + i, "v");
        }
        Set<String> keys = ConcurrentHashMap.newKeySet();
        Mirror mirror = new Mirror(
                near,
                loop,
                "kept/",
                Duration.ofHours(1),
                (revision, changes) -> changes.forEach(change -> {
                    if (change instanceof Change.Deleted) {
                        keys.remove(change.key());
                    } else {
                        keys.add(change.key());
                    }
                }));
        loop.execute(mirror::start);
        await().until(() -> keys.size() == 20);
        EtcdProcess restored = EtcdProcess.with().fastStorage().start();
        open.add(restored);
        restored.etcdctl("put", "kept/0", "v");
        way.lead(restored.endpoints().get(0));
        await().until(() -> keys, Set.of("kept/0")::equals);
        restored.etcdctl("put", "kept/new", "v");
        await().until(() -> keys, Set.of("kept/0", "kept/new")::equals);
    }

    @Test
    void a_node_cut_off_for_longer_than_its_session_stops_claiming_before_it_ends_and_comes_back() {
        TcpProxy way = proxy();
        TestNode a = open(TestNode.join(List.of(way.endpoint()), "a", OutageIT::shortSession));
        await().until(a::isMaster);
        TestNode b = open(TestNode.join(etcd.endpoints(), "b", OutageIT::shortSession));
        var mastership = a.cluster.mastership().orElseThrow();
        way.cut();
        await().atMost(Duration.ofSeconds(15))
                .until(() -> a.told(SessionLost.class).size() == 1);
        // It has given up by itself while its lease may still stand in etcd: never two at a time.
        assertThat(b.isMaster()).isFalse();
        assertThat(mastership.isValid()).isFalse();
        assertThat(a.told(Demoted.class)).hasSize(1);
        await().atMost(Duration.ofSeconds(15)).until(b::isMaster);
        way.heal();
        await().atMost(Duration.ofSeconds(5)).until(() -> a.told(Rejoined.class).size() == 1);
        await().until(() -> a.names().equals(List.of("a", "b")) && b.names().equals(List.of("a", "b")));
        await().until(() ->
                a.cluster.masters().stream().map(Member::name).toList().equals(List.of("b")));
        assertThat(a.told(Init.class)).hasSize(1);
    }

    @Test
    void an_etcd_that_is_not_there_is_named_when_the_time_is_up() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        assertThatThrownBy(() -> TestNode.join(
                        List.of("http://127.0.0.1:" + nobody),
                        "a",
                        config -> config.withConnectTimeout(Duration.ofSeconds(1))))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE))
                .hasMessageContaining("127.0.0.1:" + nobody)
                .hasMessageContaining("1 s");
    }

    @Test
    void something_that_is_not_etcd_is_told_apart() throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        try {
            assertThatThrownBy(() -> TestNode.join(
                            List.of("http://127.0.0.1:" + server.getAddress().getPort()), "a"))
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(StoreException.Kind.NOT_ETCD));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void closing_takes_two_seconds_though_etcd_was_killed() throws Exception {
        closes_in_time(etcd::kill);
    }

    @Test
    void closing_takes_two_seconds_though_etcd_does_not_answer() throws Exception {
        try {
            closes_in_time(etcd::pause);
        } finally {
            etcd.resume();
        }
    }

    /** With all that there is to wait for: a task that runs, others whose results are not certain, a successor. */
    private void closes_in_time(Runnable outage) throws Exception {
        TestNode a = join("a", etcd.endpoints());
        await().until(a::isMaster);
        TestNode b = join("b", etcd.endpoints());
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        a.cluster.tasks().handle("hold", Integer.class, (number, run) -> {
            begun.countDown();
            end.await();
            return number;
        });
        get(b.cluster.tasks().submit("hold", 1, Integer.class).accepted().toCompletableFuture());
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        outage.run();
        List<String> said = new ArrayList<>();
        ListAppender<ILoggingEvent> ear = new ListAppender<>();
        ear.start();
        Logger log = (Logger) LoggerFactory.getLogger(Cluster.class);
        log.addAppender(ear);
        try {
            for (TestNode node : List.of(a, b)) {
                long start = System.nanoTime();
                node.close();
                long millis = (System.nanoTime() - start) / 1_000_000;
                System.out.printf(
                        "close() of %s without etcd: %d ms%n",
                        node.cluster.self().name(), millis);
                assertThat(millis).as("ms that close() took").isLessThan(2_500);
            }
        } finally {
            log.detachAppender(ear);
            end.countDown();
        }
        ear.list.forEach(line -> said.add(line.getFormattedMessage()));
        assertThat(said).anyMatch(line -> line.contains("a leaves; its lease is left to run out"));
    }

    @Test
    void one_of_three_members_can_die() {
        try (EtcdProcess three = EtcdProcess.with().members(3).fastStorage().start()) {
            TestNode a = TestNode.join(three.endpoints(), "a");
            TestNode b = TestNode.join(three.endpoints(), "b");
            try {
                await().until(() -> a.names().equals(List.of("a", "b")));
                for (int member = 0; member < 3; member++) {
                    three.kill(member);
                    int round = member;
                    await().atMost(Duration.ofSeconds(20))
                            .until(
                                    () -> b.cluster
                                            .advertise(Map.of("round", round))
                                            .toCompletableFuture(),
                                    this::succeeds);
                    await().atMost(Duration.ofSeconds(20))
                            .until(() -> a.told(MemberUpdated.class).stream()
                                    .anyMatch(updated ->
                                            updated.member().info().get("round").equals(round)));
                    three.start(member);
                }
                assertThat(a.told(SessionLost.class)).isEmpty();
            } finally {
                a.close();
                b.close();
            }
        }
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    private static ClusterConfig shortSession(ClusterConfig config) {
        return config.withTtl(Duration.ofSeconds(5)).withRefresh(Duration.ofSeconds(1));
    }

    private TcpProxy proxy() {
        return open(new TcpProxy(etcd.endpoints().get(0)));
    }

    private TestNode join(String name, List<String> endpoints) {
        return open(TestNode.join(endpoints, name));
    }

    private <T extends AutoCloseable> T open(T one) {
        open.add(0, one);
        return one;
    }

    private boolean succeeds(CompletableFuture<?> stage) {
        return stage.handle((done, failure) -> failure == null)
                .completeOnTimeout(false, 5, TimeUnit.SECONDS)
                .join();
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }
}
