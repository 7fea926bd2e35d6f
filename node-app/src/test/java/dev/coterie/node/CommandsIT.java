package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Transaction;
import dev.coterie.etcd.EtcdProcess;
import dev.coterie.node.output.Event;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that look at a cluster, send to it and hear it, against a node in this JVM and a real etcd. */
class CommandsIT {

    private static final EtcdProcess ETCD = EtcdProcess.with().fastStorage().start();
    private static Cluster node;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void join() {
        node = Cluster.join(config("alpha").withWeight(2));
        Awaitility.await("a master").until(() -> node.mastership().isPresent());
        node.advertise(List.of(Service.of("database"))).toCompletableFuture().join();
    }

    @AfterAll
    static void leave() {
        node.close();
        ETCD.close();
    }

    @Test
    void members_masters_and_services_are_shown_as_tables_and_as_json() {
        assertThat(run("members")).isZero();
        assertThat(out.toString())
                .containsPattern(
                        "(?m)^alpha +master 0 +127\\.0\\.0\\.1:" + node.self().port());
        JsonNode members = json("members", "--json");
        assertThat(members.path("members").path(0).path("id").asString())
                .isEqualTo(node.self().id());
        long term = node.mastership().orElseThrow().term();
        assertThat(members.path("members").path(0).path("term").asLong()).isEqualTo(term);
        JsonNode masters = json("masters", "--json").path("masters");
        assertThat(masters).hasSize(1);
        assertThat(masters.path(0).path("term").asLong()).isEqualTo(term);
        assertThat(masters.path(0).path("how").asString()).isEqualTo("elected");
        assertThat(run("masters")).isZero();
        assertThat(out.toString()).containsPattern("(?m)^0 +alpha +127");
        assertThat(run("services", "database")).isZero();
        assertThat(out.toString()).containsPattern("(?m)^database +ready +alpha");
        assertThat(json("services", "--json", "nothing").path("services")).isEmpty();
    }

    @Test
    void keys_are_listed_read_and_followed_through_their_history() {
        put("notes/a", "one");
        long first = json("keys", "get", "notes/a", "--json").path("modified").asLong();
        put("notes/a", "two");
        delete("notes/a");
        put("notes/a", "three");

        JsonNode list = json("keys", "list", "notes/a", "--json");
        assertThat(list.path("keys")).hasSize(1);
        assertThat(list.path("keys").path(0).path("value").asString()).isEqualTo("three");
        assertThat(list.path("keys").path(0).has("left")).isFalse();
        assertThat(run("keys", "list", "services/")).isZero();
        assertThat(out.toString()).contains("services/127.0.0.1:").contains("KEY");
        assertThat(out.toString()).containsPattern("(?m)^services/127\\.0\\.0\\.1:.* [0-9a-f]+ +(\\d+s|2m) +\\d+ ");
        JsonNode leased =
                json("keys", "list", "services/", "--json").path("keys").path(0);
        assertThat(leased.path("left").asLong())
                .isBetween(1L, leased.path("granted").asLong());
        assertThat(run("keys", "get", "notes/a", "--at", Long.toString(first))).isZero();
        assertThat(out.toString().strip()).isEqualTo("one");
        JsonNode history = json("keys", "history", "notes/a", "--json").path("history");
        assertThat(history.valueStream()
                        .map(one ->
                                one.path("what").asString() + one.path("value").asString("")))
                .containsExactly("putone", "puttwo", "deleted", "putthree");

        node.store().compact(history.path(1).path("revision").asLong()).join();
        assertThat(run("keys", "history", "notes/a")).isZero();
        assertThat(out.toString()).doesNotContain("one").contains("two", "deleted", "three");
        assertThat(run("keys", "get", "notes/none")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("key: 'notes/none' is not there");
    }

    @Test
    void what_happened_is_told_from_the_past_and_ends_there() throws Exception {
        put("notes/past", "x");
        try (CoterieProcess events = coterie("events", "--from", "1", "--past", "--kind", "key", "--json")) {
            assertThat(events.exitStatus()).as(() -> "" + events.errors()).isZero();
            assertThat(events.events("put"))
                    .anySatisfy(event -> assertThat(event.text("key")).isEqualTo("notes/past"));
        }
    }

    @Test
    void who_comes_goes_and_sends_is_told_as_it_happens() throws Exception {
        try (CoterieProcess watch = coterie("watch", "--json");
                CoterieProcess events = coterie("events", "--json", "--count", "3", "--kind", "channel,key");
                CoterieProcess keys =
                        coterie("keys", "watch", "notes/live", "--json", "--for", "60s", "--count", "2")) {
            watch.awaitLine(".*\"event\":\"view\".*alpha.*");
            // Each tells what happens after it has begun: of the other two, only what they tell shows that they have.
            untilTold(events, "put", "notes/begun");
            untilTold(keys, "key", "notes/live/begun");

            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            node.channels()
                    .join("news", String.class, (text, from) -> heard.add(text))
                    .toCompletableFuture()
                    .join();
            assertThat(run("send", "news", "hello", "--json")).as(err::toString).isZero();
            assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("hello");
            assertThat(out.toString()).contains("\"sent\":1");

            Event guest = watch.await("added");
            assertThat(guest.text("name")).isEqualTo("guest");
            watch.await("removed", event -> event.text("id").equals(guest.text("id")));
            assertThat(guest.number("revision")).isPositive();
            put("notes/live", "1");
            put("notes/live", "2");
            assertThat(events.exitStatus())
                    .as("it ends by itself after so many")
                    .isZero();
            assertThat(keys.exitStatus()).isZero();
            watch.terminate();
            assertThat(watch.exitStatus()).isEqualTo(143);
        }
        assertThat(run("send", "nobody", "hello")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("nobody hears 'nobody'");
    }

    @Test
    void a_channel_is_heard_until_there_was_enough() throws Exception {
        try (CoterieProcess join = coterie("join", "orders", "--json", "--count", "2")) {
            Awaitility.await("both are heard").atMost(CoterieProcess.PATIENCE).until(() -> {
                node.channels().send("orders", java.util.Map.of("id", 17));
                return join.events("message").count() >= 1;
            });
            Awaitility.await("the end").atMost(CoterieProcess.PATIENCE).until(() -> {
                node.channels().send("orders", "text");
                return !ProcessHandle.of(join.pid()).map(ProcessHandle::isAlive).orElse(false);
            });
            assertThat(join.exitStatus()).isZero();
            Event first = join.await("message");
            assertThat(first.node()).isEqualTo(node.self().id());
            assertThat(first.fields().get("message")).isEqualTo(java.util.Map.of("id", 17));
        }
    }

    @Test
    void the_doctor_finds_nothing_wrong_where_nothing_is() {
        assertThat(run("doctor", "--port", Integer.toString(node.self().port())))
                .as(out::toString)
                .isZero();
        assertThat(out.toString())
                .containsPattern("ok +port " + node.self().port() + " +taken by alpha, a member of this cluster")
                .containsPattern("ok +etcd space +.* of a quota of")
                .containsPattern("ok +masters +alpha in slot 0")
                .containsPattern("ok +clock")
                .contains("Nothing is wrong.");
        assertThat(json(
                                "doctor",
                                "--json",
                                "--port",
                                Integer.toString(node.self().port()))
                        .path("wrong")
                        .asInt(-1))
                .isZero();
    }

    /** Puts keys until one is told, so that what follows is told as well. */
    private static void untilTold(CoterieProcess process, String event, String key) {
        Awaitility.await(key + " is told")
                .atMost(CoterieProcess.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    if (process.events(event).findAny().isEmpty()) {
                        put(key, "x");
                    }
                    return process.events(event).findAny().isPresent();
                });
    }

    private static ClusterConfig config(String name) {
        return ClusterConfig.of(ETCD.endpoints().get(0))
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0);
    }

    private static void put(String key, String value) {
        node.store().commit(Transaction.when().then(Operation.put(key, value))).join();
    }

    private static void delete(String key) {
        node.store().commit(Transaction.when().then(Operation.delete(key))).join();
    }

    private JsonNode json(String... words) {
        assertThat(run(words)).as(err::toString).isZero();
        return JsonMapper.builder().build().readTree(out.toString());
    }

    private int run(String... words) {
        out.getBuffer().setLength(0);
        CommandLine line = Coterie.commandLine(Cluster::join);
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(withEtcd(words));
    }

    private static CoterieProcess coterie(String... words) {
        return CoterieProcess.start(withEtcd(words));
    }

    private static String[] withEtcd(String... words) {
        List<String> arguments = new ArrayList<>(Arrays.asList(words));
        arguments.addAll(List.of("--etcd", ETCD.endpoints().get(0)));
        return arguments.toArray(String[]::new);
    }
}
