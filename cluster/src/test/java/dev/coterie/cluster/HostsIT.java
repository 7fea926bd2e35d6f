package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.etcd.GuardedProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Node processes on hosts of their own, between which packets are dropped; sessions of two minutes, so that none of what
 * happens is their running out. {@code -Dhosts.outage=N} lets etcd be gone for N seconds.
 */
class HostsIT {

    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("hosts.outage", 8));
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path data;

    private Hosts hosts;
    private GuardedProcess etcd;
    private final List<NodeProcess> nodes = new ArrayList<>();

    @AfterEach
    void close() {
        nodes.forEach(node -> node.process.kill());
        if (etcd != null) {
            etcd.kill();
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void a_host_that_is_gone_without_a_word_is_replaced_long_before_its_session_ends_and_comes_back() throws Exception {
        start(3);
        NodeProcess master = master();
        List<NodeProcess> others = nodes.stream().filter(node -> node != master).toList();
        int gone = nodes.indexOf(master);
        long start = System.nanoTime();
        hosts.silence(gone);
        soon().until(() -> others.stream().anyMatch(node -> node.said("Promoted")));
        print("host gone to another's promotion", start);
        soon().until(() -> others.stream().allMatch(node -> node.said("MemberRemoved " + name(gone))));
        assertThat(master.said("Demoted")).isFalse();
        long healing = System.nanoTime();
        hosts.heal();
        soon().until(() -> master.said("Rejoined"));
        print("host there again to its being a member", healing);
        assertThat(master.said("Demoted")).isTrue();
        allIsWell();
        assertThat(others).noneMatch(node -> node.said("SessionLost"));
        assertThat(others.stream().filter(node -> node.said("Promoted"))).hasSize(1);
    }

    @Test
    void when_the_links_are_cut_in_two_the_minority_evicts_nobody_and_there_is_no_war() throws Exception {
        start(5);
        NodeProcess master = master();
        // The master is with the minority.
        List<Integer> minority = List.of(nodes.indexOf(master), (nodes.indexOf(master) + 1) % 5);
        List<Integer> majority =
                IntStream.range(0, 5).filter(i -> !minority.contains(i)).boxed().toList();
        List<NodeProcess> most = majority.stream().map(nodes::get).toList();
        hosts.split(minority, majority);
        soon().until(() -> minority.stream().map(nodes::get).allMatch(node -> node.said("Rejoined")));
        soon().until(() -> most.stream().anyMatch(node -> node.said("Promoted")));
        // Long enough for the next evictions, if there were any.
        stays(Duration.ofSeconds(6));
        hosts.heal();
        allIsWell();
        assertThat(most).noneMatch(node -> node.said("SessionLost"));
        assertThat(minority).allMatch(i -> nodes.get(i).count("SessionLost") == 1);
    }

    @Test
    void while_etcd_is_gone_nobody_is_evicted_no_master_changes_and_channels_work() throws Exception {
        start(3);
        NodeProcess master = master();
        List<Long> before = nodes.stream().map(node -> node.count("Change")).toList();
        etcd.kill();
        long heard = nodes.stream().mapToLong(node -> node.count("heard")).sum();
        stays(OUTAGE);
        long heardMeanwhile =
                nodes.stream().mapToLong(node -> node.count("heard")).sum() - heard;
        etcd = startEtcd();
        long back = System.nanoTime();
        long written = master.count("wrote");
        soon().until(() -> master.count("wrote") > written);
        print("etcd there again to the master's next write", back);
        assertThat(heardMeanwhile).isGreaterThan((long) (0.8 * 6 * OUTAGE.toSeconds()));
        assertThat(nodes.stream().map(node -> node.count("Change")).toList()).isEqualTo(before);
        assertThat(nodes).noneMatch(node -> node.said("SessionLost") || node.said("Demoted"));
        allIsWell();
    }

    // --- The words in which the tests are written -------------------------------------------------------------------

    private void start(int count) throws IOException {
        hosts = new Hosts(count);
        etcd = startEtcd();
        for (int i = 0; i < count; i++) {
            List<String> args = List.of("http://" + Hosts.HUB + ":2379", name(i), "22222", Hosts.address(i));
            nodes.add(new NodeProcess(NodeMain.class, name(i), args, hosts.on(i)));
        }
        allIsWell();
    }

    private GuardedProcess startEtcd() throws IOException {
        List<String> command = new ArrayList<>(hosts.onHub());
        command.addAll(List.of("etcd", "--data-dir", data.resolve("etcd").toString()));
        command.addAll(List.of("--listen-client-urls", "http://" + Hosts.HUB + ":2379"));
        command.addAll(List.of("--advertise-client-urls", "http://" + Hosts.HUB + ":2379"));
        return GuardedProcess.start(
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD));
    }

    private static String name(int i) {
        return "host" + i;
    }

    private NodeProcess master() {
        return nodes.stream().filter(HostsIT::isMaster).findFirst().orElseThrow();
    }

    private static boolean isMaster(NodeProcess node) {
        return node.count("Promoted") > node.count("Demoted");
    }

    /** All see all, there is one master, all know it, and everybody hears everybody. */
    private void allIsWell() {
        List<String> names =
                IntStream.range(0, nodes.size()).mapToObj(HostsIT::name).toList();
        soon().until(() ->
                nodes.stream().allMatch(node -> last(node, "Init", "Change").endsWith(names.toString())));
        soon().until(() -> nodes.stream().filter(HostsIT::isMaster).count() == 1);
        String master = name(nodes.indexOf(master()));
        soon().until(() ->
                nodes.stream().allMatch(node -> last(node, "MasterChanged").endsWith(" " + master)));
        nodes.forEach(node -> names.stream()
                .filter(name -> !name.equals(name(nodes.indexOf(node))))
                .forEach(name -> {
                    long heard = node.count("heard " + name);
                    soon().until(() -> node.count("heard " + name) > heard);
                }));
    }

    private static String last(NodeProcess node, String... begins) {
        return node.lines.stream()
                .filter(line -> List.of(begins).stream().anyMatch(line::startsWith))
                .reduce("", (one, other) -> other);
    }

    private static ConditionFactory soon() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10));
    }

    private static void stays(Duration time) {
        long start = System.nanoTime();
        await().atMost(time.plus(PATIENCE))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> System.nanoTime() - start > time.toNanos());
    }

    private static void print(String what, long start) {
        System.out.printf("%s: %d ms%n", what, (System.nanoTime() - start) / 1_000_000);
    }
}
