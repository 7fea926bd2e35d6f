package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent.MasterChanged;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.Mirror;
import dev.coterie.etcd.EtcdProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Node processes that are killed and frozen, on a real etcd; sessions of 5 s. */
class CrashIT {

    private static final Duration SESSION_RUNS_OUT = Duration.ofSeconds(30);

    private final EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ThreadEventLoop loop = new ThreadEventLoop("log");

    /** What masters have written, in the order in which etcd took it: "term name". */
    private final List<String> log = new CopyOnWriteArrayList<>();

    private TestNode observer;

    @BeforeEach
    void observe() {
        EtcdStore store =
                open(new EtcdStore(etcd.endpoints().stream().map(URI::create).toList(), Duration.ofSeconds(2), loop));
        Mirror mirror = new Mirror(
                store,
                loop,
                NodeMain.LOG,
                Duration.ofHours(1),
                (revision, changes) -> changes.forEach(change -> {
                    if (change instanceof Change.Written written) {
                        log.add(written.entry().text());
                    }
                }));
        loop.execute(mirror::start);
        observer = open(TestNode.join(etcd.endpoints(), "observer", config -> config.withEligible(false)));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        loop.close();
        etcd.close();
    }

    @Test
    void a_killed_master_is_followed_by_exactly_one_and_terms_grow() {
        NodeProcess a = node("a");
        await().atMost(SESSION_RUNS_OUT).until(() -> a.said("Promoted"));
        NodeProcess b = node("b");
        NodeProcess c = node("c");
        await().atMost(SESSION_RUNS_OUT)
                .until(() -> b.said("joined")
                        && c.said("joined")
                        && observer.told(MemberAdded.class).size() == 3);
        a.process.kill();
        await().atMost(SESSION_RUNS_OUT).until(() -> b.count("Promoted") + c.count("Promoted") == 1);
        await().until(() -> observer.told(MasterChanged.class).size() == 2);
        await().until(() -> observer.told(MemberRemoved.class).size() == 1);
        assertThat(observer.told(MasterChanged.class))
                .extracting(MasterChanged::term)
                .isSorted()
                .doesNotHaveDuplicates();
        NodeProcess second = b.said("Promoted") ? b : c;
        await().until(() -> log.get(log.size() - 1).endsWith(second == b ? " b" : " c"));
        assertThat(terms()).isSorted();
    }

    @Test
    void a_frozen_master_finds_itself_deposed_before_any_of_its_writes_lands() {
        NodeProcess a = node("a");
        await().atMost(SESSION_RUNS_OUT).until(() -> a.said("Promoted"));
        NodeProcess b = node("b");
        await().atMost(SESSION_RUNS_OUT).until(() -> b.said("joined"));
        await().until(() -> !log.isEmpty());
        a.process.pause();
        await().atMost(SESSION_RUNS_OUT).until(() -> b.said("Promoted"));
        await().until(() -> log.get(log.size() - 1).endsWith(" b"));
        a.process.resume();
        await().atMost(Duration.ofSeconds(10)).until(() -> a.said("Rejoined"));
        assertThat(a.said("Demoted")).isTrue();
        await().until(() -> a.said("refused"));
        assertThat(terms()).isSorted();
        // It grows all the time.
        List<String> written = List.copyOf(log);
        assertThat(written.subList(firstOf(" b"), written.size())).noneMatch(line -> line.endsWith(" a"));
        await().until(() -> observer.names().equals(List.of("a", "b", "observer")));
        assertThat(observer.cluster.masters().get(0).name()).isEqualTo("b");
    }

    @Test
    void a_process_started_again_on_the_port_of_a_killed_one_takes_its_place_at_once() {
        NodeProcess a = node("a");
        await().atMost(SESSION_RUNS_OUT)
                .until(() -> observer.told(MemberAdded.class).size() == 1);
        int port = observer.told(MemberAdded.class).get(0).member().port();
        a.process.kill();
        await().until(() -> !a.process.isAlive());
        open(new NodeProcess(etcd.endpoints().get(0), "again", port));
        await().atMost(SESSION_RUNS_OUT).until(() -> observer.names().equals(List.of("again", "observer")));
        assertThat(etcd.etcdctl("get", "--prefix", "services/", "--keys-only")
                        .lines()
                        .filter(line -> !line.isBlank()))
                .hasSize(2);
    }

    @Test
    void a_process_that_is_asked_to_end_leaves_nothing_behind() {
        NodeProcess a = node("a");
        await().atMost(SESSION_RUNS_OUT)
                .until(() -> observer.told(MasterChanged.class).size() == 1);
        a.process.terminate();
        await().until(() -> observer.told(MemberRemoved.class).size() == 1);
        await().until(() -> !a.process.isAlive());
        assertThat(etcd.etcdctl("get", "--prefix", "masters/", "--keys-only")).isBlank();
    }

    private List<Long> terms() {
        return log.stream()
                .map(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                .toList();
    }

    private int firstOf(String name) {
        return log.indexOf(
                log.stream().filter(line -> line.endsWith(name)).findFirst().orElseThrow());
    }

    private NodeProcess node(String name) {
        return open(new NodeProcess(etcd.endpoints().get(0), name));
    }

    private <T extends AutoCloseable> T open(T one) {
        open.add(0, one);
        return one;
    }
}
