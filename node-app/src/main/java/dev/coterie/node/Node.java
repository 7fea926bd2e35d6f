package dev.coterie.node;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.node.output.Event;
import dev.coterie.node.pipeline.Pipeline;
import dev.coterie.node.pipeline.PipelineSettings;
import dev.coterie.node.pipeline.Traffic;
import dev.coterie.node.value.DurationText;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A node of the application: its part in the pipeline, and a word about everything that happens. On its event loop only.
 */
final class Node {

    private static final Duration INFO = Duration.ofSeconds(60);

    private final Discovery discovery;
    private final EventLoop loop;
    private final Consumer<Event> output;
    private final Pipeline pipeline;
    private final long startedAt;
    private Subscription subscription = () -> {};
    private Scheduled info = Scheduled.NONE;

    Node(Discovery discovery, EventLoop loop, PipelineSettings settings, Consumer<Event> output) {
        this.discovery = discovery;
        this.loop = loop;
        this.output = output;
        this.startedAt = loop.clock().nanoTime();
        this.pipeline = Pipeline.of(discovery, loop, settings, this::tell);
    }

    /** Lets somebody see the tasks and results that go through this node. Before it begins. */
    void show(Traffic watcher) {
        pipeline.show(watcher);
    }

    /** Begins. Once. */
    void start() {
        // Before the pipeline: what happens is said before it is acted upon.
        subscription = discovery.on(DiscoveryEvent.class, event -> loop.execute(() -> tell(event)));
        pipeline.start();
        info = loop.schedule(INFO, this::info);
    }

    /** Ends. The node can be left out of the cluster after this. */
    void stop() {
        info.cancel();
        subscription.close();
        pipeline.close();
    }

    /** What this node knows about itself and the others. */
    private void info() {
        info = loop.schedule(INFO, this::info);
        Duration up = Duration.ofNanos(loop.clock().nanoTime() - startedAt);
        say(
                "info",
                Words.of(discovery.self())
                        .and("up", DurationText.of(Duration.ofSeconds(up.toSeconds())))
                        .and("revision", discovery.view().revision())
                        .and("masters", Words.ids(discovery.masters()))
                        .and("members", Words.list(discovery.view().members()))
                        .and("counts", Words.of(pipeline.counts()).map())
                        .map());
    }

    /** Says what has happened. */
    void tell(Object event) {
        say(Words.name(event), Words.fields(event));
    }

    private void say(String event, Map<String, Object> fields) {
        output.accept(new Event(event, discovery.self().id(), loop.clock().now(), fields));
    }
}
