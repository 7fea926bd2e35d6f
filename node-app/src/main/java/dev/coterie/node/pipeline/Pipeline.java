package dev.coterie.node.pipeline;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.work.Tasks;
import java.util.function.Consumer;

/**
 * A node's part in multiplying by three: the master makes tasks, the others work on them.
 *
 * <p>It runs on an event loop of its own: callbacks from the cluster only hand over to it, so neither work nor output
 * ever holds up events and messages.
 */
public interface Pipeline extends AutoCloseable {

    /** Where tasks are heard of. */
    String TASKS = Tasks.TASKS;

    /** Where results are heard of. */
    String RESULTS = Tasks.RESULTS;

    /**
     * Creates it: on durable tasks if the cluster has them, else on channels alone.
     *
     * @param loop everything happens on it; closed by the caller after this
     * @param events told what happens, on the loop
     */
    static Pipeline of(Discovery discovery, EventLoop loop, PipelineSettings settings, Consumer<PipelineEvent> events) {
        return discovery instanceof Cluster cluster
                ? new TaskPipeline(cluster, loop, settings, events)
                : new ChannelPipeline(discovery, loop, settings, events);
    }

    /** Lets somebody see what goes through this node. Before it begins. */
    void show(Traffic watcher);

    /** Begins. On the loop, once. */
    void start();

    /** What this node has done so far. On the loop. */
    Counts counts();

    /** Hears no more events, and makes no more tasks. On the loop. */
    @Override
    void close();
}
