package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coterie.cluster.balance.Balancer;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.Chooser;
import dev.coterie.cluster.service.Hook;
import dev.coterie.cluster.service.Instance;
import dev.coterie.cluster.service.ServiceEvent.NotReady;
import dev.coterie.cluster.service.ServiceEvent.Ready;
import dev.coterie.cluster.service.ServiceEvent.ServiceAdded;
import dev.coterie.cluster.service.ServiceEvent.ServiceRemoved;
import dev.coterie.cluster.service.ServiceEvent.ServiceUpdated;
import dev.coterie.cluster.service.ServiceEvent.SetupFailed;
import dev.coterie.cluster.service.ServiceExplanation;
import dev.coterie.cluster.service.ServiceExplanation.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that offer services and need them; run on every kind of {@link Discovery}. */
abstract class ServiceScenarios {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration LONG_PATIENCE = Duration.ofSeconds(60);
    static final int CHAIN = 10;
    private static final int ROUNDS = 2;

    private final List<ServiceNode> nodes = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Joins the group of this test. */
    abstract Discovery join(String name);

    /** The group of another test, for processes; see {@link ServiceMain}. */
    abstract String group();

    @AfterEach
    void leave() {
        nodes.forEach(ServiceNode::close);
        threads.shutdownNow();
    }

    @Test
    void a_need_is_met_when_another_node_says_it_is_ready_and_missed_when_it_says_it_is_not() {
        ServiceNode shop = node("shop");
        shop.services.advertise(Service.of("bank").withReady(false));
        ServiceNode user = node("user");
        user.services.need("bank");
        user.services.advertise(Service.of("user"));
        List<Set<String>> usable = new CopyOnWriteArrayList<>();
        user.services.on(
                Ready.class, ready -> usable.add(user.services.services().keySet()));
        user.services.start();
        await().until(() -> state(user, "bank") == State.NOT_READY);
        assertThat(user.services.explain("bank").unmetSince()).isNotNull();
        shop.services.advertise(Service.of("bank"));
        await().until(user.services::isReady);
        assertThat(user.services.services()).containsOnlyKeys("bank");
        shop.services.advertise(Service.of("bank").withInfo(Map.of("port", 1)));
        await().until(() -> user.told(ServiceUpdated.class).size() == 1);
        shop.services.advertise(Service.of("bank").withReady(false));
        await().until(() -> user.told(NotReady.class).size() == 1);
        shop.services.advertise(Service.of("bank"));
        await().until(() -> user.told(Ready.class).size() == 2);
        assertThat(user.told(ServiceAdded.class)).hasSize(2);
        assertThat(user.told(ServiceRemoved.class)).hasSize(1);
        assertThat(user.told(NotReady.class).get(0).unmet()).containsExactly("bank");
        await().until(() -> usable.equals(List.of(Set.of("bank"), Set.of("bank"))));
    }

    @Test
    void services_that_are_withdrawn_or_whose_node_leaves_are_gone_and_the_rest_stays() {
        ServiceNode shop = node("shop");
        shop.discovery.advertise(Map.of("role", "shop"));
        shop.services.advertise(Service.of("bank"));
        shop.services.advertise(Service.of("till"));
        ServiceNode user = node("user");
        user.services.start();
        await().until(() -> user.services.services().keySet().equals(Set.of("bank", "till")));
        assertThat(user.services.isReady()).isFalse();
        shop.services.withdraw("till");
        await().until(() -> user.services.services().keySet().equals(Set.of("bank")));
        shop.services.close();
        await().until(() -> user.services.services().isEmpty());
        assertThat(user.services.names()).isEmpty();
        await().until(() -> user.discovery.view().members().stream()
                .anyMatch(member -> member.info().equals(Map.of("role", "shop"))));
        assertThatThrownBy(() -> shop.services.advertise(Service.of("bank"))).isInstanceOf(IllegalStateException.class);
        ServiceNode other = node("other").offer("bank");
        await().until(() -> user.services.services().containsKey("bank"));
        other.discovery.close();
        await().until(() -> user.services.services().isEmpty());
    }

    @Test
    void hooks_that_fail_throw_hang_and_block_are_called_until_they_are_done() {
        node("shop").offer("bank");
        ServiceNode user = node("user");
        AtomicInteger calls = new AtomicInteger();
        List<String> done = new CopyOnWriteArrayList<>();
        user.services.setup("bank", instance -> switch (calls.incrementAndGet()) {
            case 1 -> CompletableFuture.failedFuture(new IllegalStateException("the first fails"));
            case 2 -> throw new IllegalStateException("the second throws");
            case 3 -> new CompletableFuture<>();
            default -> {
                done.add("first");
                yield CompletableFuture.completedFuture(instance);
            }
        });
        AtomicInteger blocked = new AtomicInteger();
        user.services.setup("bank", Hook.on(threads, instance -> {
            if (blocked.getAndIncrement() == 0) {
                new CountDownLatch(1).await();
            }
            done.add("second for " + instance.service().name());
        }));
        user.services.start();
        await().atMost(PATIENCE).until(user.services::isReady);
        assertThat(done).containsExactly("first", "second for bank");
        await().until(() -> user.told(SetupFailed.class).size() == 4);
        assertThat(user.told(SetupFailed.class))
                .extracting(SetupFailed::message)
                .containsExactly(
                        "java.lang.IllegalStateException: the first fails",
                        "java.lang.IllegalStateException: the second throws",
                        "not done within 500 ms",
                        "not done within 500 ms");
        ServiceExplanation explanation = user.services.explain("bank");
        assertThat(explanation.met()).isTrue();
        assertThat(explanation.lastFailure().hook()).isEqualTo(2);
        assertThat(explanation.instances().get(0).hooksDone()).isEqualTo(2);
    }

    @Test
    void a_hook_that_comes_late_is_called_for_who_is_there_and_who_comes() {
        node("first").offer("bank");
        ServiceNode user = node("user");
        user.services.need("bank");
        user.services.start();
        await().until(user.services::isReady);
        List<String> setUp = new CopyOnWriteArrayList<>();
        user.services.setup(
                "bank",
                instance -> CompletableFuture.completedFuture(
                        setUp.add(instance.member().name())));
        await().until(() -> setUp.equals(List.of("first")));
        node("second").offer("bank");
        await().until(() -> user.services.services("bank").size() == 2);
        assertThat(setUp).containsExactly("first", "second");
        assertThat(user.told(NotReady.class)).isEmpty();
        List<Object> present = new CopyOnWriteArrayList<>();
        user.services.on(ServiceAdded.class, present::add);
        user.services.on(Ready.class, present::add);
        await().until(() -> present.size() == 3);
    }

    @Test
    void an_instance_that_has_failed_is_not_chosen_for_a_while() {
        node("first").offer("bank");
        node("second").offer("bank");
        ServiceNode user = node("user");
        user.services.start();
        await().until(() -> user.services.services("bank").size() == 2);
        Chooser chooser = user.services.chooser("bank", Balancer.roundRobin());
        Instance failing = chooser.choose().orElseThrow();
        chooser.failed(failing);
        assertThat(user.services.chooser("bank", Balancer.roundRobin()).choose())
                .get()
                .isNotEqualTo(failing);
        assertThat(user.services.explain("bank").instances())
                .filteredOn(known -> known.downUntil() != null)
                .extracting(ServiceExplanation.Known::node)
                .containsExactly(failing.member().id());
        await().until(() -> chooser.choose().orElseThrow().equals(failing));
        assertThat(user.services.explain("bank").instances())
                .allSatisfy(known -> assertThat(known.downUntil()).isNull());
    }

    @Test
    void what_will_not_do_is_refused_with_a_reason() {
        ServiceNode node = node("a");
        assertThatThrownBy(() -> node.services.advertise(Service.of("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("service: ''");
        assertThatThrownBy(() -> node.services.need("bank", ".shop")).hasMessageContaining("'.shop'");
        assertThatThrownBy(() ->
                        node.services.advertise(Service.of("bank").withInfo(Map.of("much", "x".repeat(100_000)))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(node.services.explain("bank").lines())
                .containsExactly("bank: not needed here, cannot be used", "  no other node offers it");
    }

    @Test
    void a_chain_of_ten_started_in_any_order_and_left_at_random_becomes_ready_again() throws Exception {
        Random random = new Random(5);
        Map<Integer, ServiceNode> chain = new TreeMap<>();
        start(chain, shuffled(random));
        awaitReady(chain);
        for (int round = 0; round < 3; round++) {
            List<Integer> leaving = shuffled(random).subList(0, 4);
            leaving.forEach(link -> chain.remove(link).close());
            int first = Collections.min(leaving);
            await().atMost(PATIENCE)
                    .until(() -> chain.entrySet().stream()
                            .filter(one -> one.getKey() > 0)
                            .allMatch(one -> one.getValue().services.isReady() == one.getKey() <= first));
            start(chain, leaving);
            awaitReady(chain);
        }
    }

    @Test
    void a_chain_of_ten_in_processes_started_in_any_order_and_killed_at_random_becomes_ready_again() {
        Random random = new Random(7);
        List<Integer> links = new ArrayList<>(IntStream.range(0, CHAIN).boxed().toList());
        Collections.shuffle(links, random);
        NodeProcess[] processes = new NodeProcess[CHAIN / 2];
        try {
            Arrays.setAll(processes, i -> process(links.subList(2 * i, 2 * i + 2)));
            await().atMost(LONG_PATIENCE)
                    .until(() -> IntStream.range(0, CHAIN).allMatch(link -> isReady(link, processes)));
            for (int round = 0; round < ROUNDS; round++) {
                int killed = random.nextInt(processes.length);
                List<Integer> gone = links.subList(2 * killed, 2 * killed + 2);
                processes[killed].process.kill();
                // All links behind the first one that is gone notice, each through the one before it.
                await().atMost(LONG_PATIENCE)
                        .until(() -> IntStream.range(Collections.min(gone) + 1, CHAIN)
                                .filter(link -> !gone.contains(link))
                                .noneMatch(link -> isReady(link, processes)));
                processes[killed].close();
                processes[killed] = process(gone);
                await().atMost(LONG_PATIENCE)
                        .until(() -> IntStream.range(0, CHAIN).allMatch(link -> isReady(link, processes)));
            }
        } finally {
            Arrays.stream(processes).filter(Objects::nonNull).forEach(NodeProcess::close);
        }
    }

    /** What it said last. */
    private static boolean isReady(int link, NodeProcess[] processes) {
        String last = Arrays.stream(processes)
                .flatMap(process -> process.lines.stream())
                .filter(line -> line.startsWith("s" + link + " "))
                .reduce("", (before, line) -> line);
        return last.endsWith(" is ready");
    }

    private NodeProcess process(List<Integer> links) {
        List<String> args = new ArrayList<>(List.of(group()));
        links.forEach(link -> args.add(link == 0 ? "s0" : "s" + link + ":s" + (link - 1)));
        return new NodeProcess(ServiceMain.class, "links " + links, args);
    }

    private void start(Map<Integer, ServiceNode> chain, List<Integer> links) throws Exception {
        Map<Integer, CompletableFuture<ServiceNode>> starting = links.stream()
                .collect(Collectors.toMap(
                        link -> link,
                        link -> CompletableFuture.supplyAsync(() -> new ServiceNode(join("s" + link)), threads)));
        for (int link : links) {
            ServiceNode node = starting.get(link).get(30, TimeUnit.SECONDS);
            nodes.add(node);
            chain.put(link, link == 0 ? node.offer("s0") : node.offer("s" + link, "s" + (link - 1)));
        }
    }

    private static void awaitReady(Map<Integer, ServiceNode> chain) {
        await().atMost(PATIENCE)
                .until(() -> chain.size() == CHAIN
                        && chain.entrySet().stream()
                                .allMatch(one -> one.getKey() == 0
                                        || one.getValue().services.isReady()));
    }

    private static List<Integer> shuffled(Random random) {
        List<Integer> links = new ArrayList<>(IntStream.range(0, CHAIN).boxed().toList());
        Collections.shuffle(links, random);
        return links;
    }

    private static State state(ServiceNode node, String service) {
        return node.services.explain(service).instances().stream()
                .map(ServiceExplanation.Known::state)
                .findFirst()
                .orElse(null);
    }

    private ServiceNode node(String name) {
        ServiceNode node = new ServiceNode(join(name));
        nodes.add(node);
        return node;
    }
}
