package dev.coterie.node.pipeline;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Channels;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Subscription;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks on channels alone, for a cluster that has nowhere to keep them: all hear the channel {@code results}, all but
 * the master hear {@code tasks}.
 */
final class ChannelPipeline implements Pipeline {

    private static final Logger log = LoggerFactory.getLogger(ChannelPipeline.class);

    private final Discovery discovery;
    private final EventLoop loop;
    private final Dispatcher dispatcher;
    private final Multiplier multiplier;
    private Subscription subscription = () -> {};
    private Traffic traffic = Traffic.UNSEEN;
    private boolean hearsTasks;

    ChannelPipeline(Discovery discovery, EventLoop loop, PipelineSettings settings, Consumer<PipelineEvent> events) {
        this.discovery = discovery;
        this.loop = loop;
        this.dispatcher = new Dispatcher(loop, settings, this::send, events);
        this.multiplier = new Multiplier(loop, settings.work(), this::answer, events);
    }

    @Override
    public void show(Traffic watcher) {
        traffic = watcher;
    }

    @Override
    public void start() {
        subscription = discovery.on(DiscoveryEvent.class, event -> loop.execute(() -> handle(event)));
        // What happened before is not told again: look at how things stand.
        members();
        Channels channels = discovery.channels();
        joining(
                RESULTS,
                channels.join(RESULTS, Result.class, (result, from) -> loop.execute(() -> result(result, from))));
        discovery.mastership().ifPresentOrElse(dispatcher::promoted, this::hearTasks);
    }

    @Override
    public Counts counts() {
        return dispatcher.counts(multiplier);
    }

    @Override
    public void close() {
        subscription.close();
        dispatcher.demoted();
    }

    private void handle(DiscoveryEvent event) {
        if (event instanceof DiscoveryEvent.Promoted promoted) {
            hearsTasks = false;
            discovery.channels().leave(TASKS);
            dispatcher.promoted(promoted.mastership());
        } else if (event instanceof DiscoveryEvent.Demoted) {
            dispatcher.demoted();
            hearTasks();
        } else if (event instanceof DiscoveryEvent.SessionLost) {
            dispatcher.demoted();
        } else {
            members();
        }
    }

    /** The latest view rather than the event's: what has left since need not be sent anything. */
    private void members() {
        dispatcher.members(discovery.view().members(), discovery.self().id());
    }

    private void hearTasks() {
        if (hearsTasks) {
            return;
        }
        hearsTasks = true;
        joining(TASKS, discovery.channels().join(TASKS, Task.class, (task, from) -> loop.execute(() -> heard(task))));
    }

    private int send(Task task) {
        int queued = discovery.channels().send(TASKS, task).queued();
        if (queued > 0) {
            traffic.given(task);
        }
        return queued;
    }

    private void result(Result result, Member from) {
        traffic.answered(result, from);
        dispatcher.result(result, from);
    }

    private void heard(Task task) {
        traffic.given(task);
        dispatcher.heard(task);
        if (task.executor().equals(discovery.self().id())) {
            multiplier.take(task);
        }
    }

    private void answer(Result result) {
        discovery.channels().send(RESULTS, result);
        // A sender does not hear itself; this node may be master by now, or become it.
        result(result, discovery.self());
    }

    private static void joining(String channel, CompletionStage<Void> joined) {
        joined.whenComplete((done, failure) -> {
            if (failure != null) {
                log.warn("The channel {} could not be joined; this node does not hear it", channel, failure);
            }
        });
    }
}
