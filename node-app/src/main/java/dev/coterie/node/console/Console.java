package dev.coterie.node.console;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.node.pipeline.Result;
import dev.coterie.node.pipeline.Task;
import dev.coterie.node.pipeline.Traffic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What a node shows of its cluster: the page, the same facts as JSON below {@code /api}, and the stream that keeps a page
 * up to date. Without etcd it shows members, masters and events only. Any thread.
 */
public final class Console implements AutoCloseable, Traffic {

    private static final int MOST_EVENTS = 2_000;

    private final ThreadEventLoop loop = new ThreadEventLoop("coterie-console-loop");
    private final FlightRecorder recorder = new FlightRecorder(FlightRecorder.MOST);
    private final Flow flow = new Flow();
    private final String boot = Long.toString(loop.random().nextLong() >>> 1, 36);
    private final Discovery discovery;
    private final Optional<Cluster> cluster;
    private final String prefix;
    private final ConsoleConfig config;
    private final WebServer server;
    private final Streams streams;
    private final Optional<History> history;
    private final Optional<ExplainApi> explain;
    private final Subscription subscription;

    /** Some of the flight recorder. */
    record Events(long since, long revision, String boot, List<FlightRecord> events) {}

    /** Where a page begins. */
    record Here(
            String id,
            String name,
            String version,
            String prefix,
            boolean etcd,
            boolean write,
            String boot,
            String position,
            long since) {}

    /**
     * Begins to record, and adds what it answers to a server.
     *
     * @param clusterConfig how the cluster was joined; empty if without etcd
     */
    public Console(Discovery discovery, Optional<ClusterConfig> clusterConfig, WebServer server) {
        this.discovery = discovery;
        this.cluster = discovery instanceof Cluster onEtcd ? Optional.of(onEtcd) : Optional.empty();
        this.prefix = clusterConfig.map(ClusterConfig::prefix).orElse("");
        this.config = server.config();
        this.server = server;
        this.streams = new Streams(
                loop,
                recorder,
                flow,
                boot,
                cluster.map(Cluster::store),
                known -> cluster.map(one -> one.tasks().counts(known)).orElseGet(CompletableFuture::new));
        this.history = cluster.map(one -> new History(one.store(), loop, prefix, recorder));
        this.explain = cluster.flatMap(one -> clusterConfig.map(how -> new ExplainApi(one, how)));
        this.subscription = discovery.on(DiscoveryEvent.class, event -> loop.execute(() -> happened(event)));
        addRoutes();
        loop.execute(() -> {
            history.ifPresent(History::start);
            streams.start();
        });
    }

    private void addRoutes() {
        Page.addTo(server);
        server.get("/api/here", request -> Answer.json(onLoop(this::here)));
        server.get("/api/events", this::events);
        server.get("/api/stream", this::stream);
        new MembersApi(discovery, cluster, prefix, () -> onLoop(streams::counts)).addTo(server);
        cluster.ifPresent(one -> {
            new KeysApi(one.store(), prefix, config.write()).addTo(server);
            new TasksApi(one).addTo(server);
        });
        explain.ifPresent(api -> api.addTo(server));
        new WorkersApi(config.monitors(), config.write()).addTo(server);
    }

    /** Something that only the loop may look at. */
    private <T> T onLoop(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> {
            loop.attempt(() -> answer.complete(question.get()));
            answer.completeExceptionally(new IllegalStateException("it failed; the node's log says how"));
        });
        return Await.answer(answer);
    }

    private Here here() {
        Member self = discovery.self();
        Position position = new Position(boot, recorder.seq(), recorder.revision(), 0);
        return new Here(
                self.id(),
                self.name(),
                self.version(),
                prefix,
                cluster.isPresent(),
                config.write(),
                boot,
                position.toString(),
                recorder.since());
    }

    private Answer events(Request request) {
        int limit = (int) request.number("limit", 1, MOST_EVENTS, 500);
        long before = request.number("before", 1, Long.MAX_VALUE, Long.MAX_VALUE);
        Set<String> kinds = request.field("kind")
                .filter(text -> !text.isEmpty())
                .map(text -> Set.copyOf(Arrays.asList(text.split(",", -1))))
                .orElse(Set.of());
        return Answer.json(onLoop(
                () -> new Events(recorder.since(), recorder.revision(), boot, recorder.before(before, kinds, limit))));
    }

    private Answer stream(Request request) {
        Position from = Position.parse(request.header("Last-Event-ID").orElseGet(() -> request.text("after")));
        long keysFrom = request.number("keysFrom", 0, Long.MAX_VALUE, from.keys());
        Optional<String> keys = request.field("keys").map(below -> prefix + below);
        // A browser that reconnects by itself says how far it came; where the page began counts only the first time.
        Position known = request.header("Last-Event-ID").isPresent() ? from : from.withKeys(keysFrom);
        CompletableFuture<EventStream> opened = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                opened.complete(streams.open(known, keys));
            } catch (Refused tooMany) {
                opened.completeExceptionally(tooMany);
            }
        });
        try {
            return Await.answer(opened).answer();
        } catch (Refused late) {
            CompletableFuture<Void> unused = opened.thenAccept(EventStream::end);
            throw late;
        }
    }

    // --- What happens -----------------------------------------------------------------------------------------------

    /** With etcd the history has it better; what happens to this node itself only it knows. */
    private void happened(DiscoveryEvent event) {
        if (event instanceof DiscoveryEvent.SessionLost lost) {
            record("node", "lost", lost.member().id(), Map.of("reason", lost.reason()));
        } else if (event instanceof DiscoveryEvent.Rejoined rejoined) {
            record("node", "rejoined", rejoined.member().id(), Map.of());
        } else if (event instanceof DiscoveryEvent.Demoted demoted) {
            record("node", "demoted", demoted.member().id(), Map.of("reason", demoted.reason()));
        } else if (event instanceof DiscoveryEvent.Promoted promoted) {
            record(
                    "node",
                    "promoted",
                    promoted.member().id(),
                    Map.of("term", promoted.mastership().term()));
        } else if (cluster.isEmpty()) {
            happenedOnLan(event);
        }
    }

    private void happenedOnLan(DiscoveryEvent event) {
        if (event instanceof DiscoveryEvent.Init init) {
            init.view().members().forEach(member -> record("member", "joined", member.id(), fields(member)));
        } else if (event instanceof DiscoveryEvent.MemberAdded added) {
            record("member", "joined", added.member().id(), fields(added.member()));
        } else if (event instanceof DiscoveryEvent.MemberRemoved removed) {
            record("member", "left", removed.member().id(), fields(removed.member()));
        } else if (event instanceof DiscoveryEvent.MemberUpdated updated) {
            record("member", "updated", updated.member().id(), fields(updated.member()));
        } else if (event instanceof DiscoveryEvent.MasterChanged changed) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("slot", changed.slot());
            fields.put("term", changed.term());
            record("master", "elected", changed.member().id(), fields);
        }
    }

    private static Map<String, Object> fields(Member member) {
        return Map.of("name", member.name(), "address", member.address(), "port", member.port());
    }

    private void record(String kind, String event, String id, Map<String, Object> fields) {
        recorder.add(discovery.view().revision(), loop.clock().now(), kind, event, id, fields);
    }

    @Override
    public void given(Task task) {
        loop.execute(() -> {
            flow.given(task);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("type", Flow.TYPE);
            fields.put("member", task.executor());
            fields.put("number", task.number());
            recorder.add(0, loop.clock().now(), "task", "given", task.uuid(), fields);
        });
    }

    @Override
    public void answered(Result result, Member from) {
        loop.execute(() -> {
            long ms = flow.completed(result);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("type", Flow.TYPE);
            fields.put("member", from.id());
            fields.put("result", result.result());
            fields.put("ms", ms);
            recorder.add(0, loop.clock().now(), "task", "completed", result.uuid(), fields);
        });
    }

    /** Says nothing more. The server is closed by whoever made it. */
    @Override
    public void close() {
        subscription.close();
        loop.execute(() -> {
            streams.close();
            history.ifPresent(History::close);
        });
        explain.ifPresent(ExplainApi::close);
        loop.close();
    }
}
