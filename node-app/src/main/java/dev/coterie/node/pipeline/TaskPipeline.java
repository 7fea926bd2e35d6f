package dev.coterie.node.pipeline;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.cluster.work.TaskInfo;
import dev.coterie.cluster.work.TaskOptions;
import dev.coterie.cluster.work.TaskQuery;
import dev.coterie.cluster.work.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tasks that are done whatever dies: the master submits them, the cluster hands them to the others, and the channels
 * {@code tasks} and {@code results} tell everybody how they stand.
 */
final class TaskPipeline implements Pipeline {

    /** The type of its tasks: a number, which is multiplied by three after a while. */
    static final String TYPE = "multiply-slowly";

    /** How many tasks a node works on at a time: they mostly wait. */
    private static final int CONCURRENCY = 100;

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Logger log = LoggerFactory.getLogger(TaskPipeline.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Cluster cluster;
    private final EventLoop loop;
    private final PipelineSettings settings;
    private final Consumer<PipelineEvent> events;
    private final TaskMaker maker;
    private final TaskOptions options;

    /** Never shut down, since the cluster may hand over another task until it is closed; idle threads end by themselves. */
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, CONCURRENCY, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), TaskPipeline::thread);

    private Subscription subscription = () -> {};
    private Traffic traffic = Traffic.UNSEEN;
    private @Nullable Subscription handling;
    private int inWork;
    private long answered;
    private boolean closed;

    TaskPipeline(Cluster cluster, EventLoop loop, PipelineSettings settings, Consumer<PipelineEvent> events) {
        this.cluster = cluster;
        this.loop = loop;
        this.settings = settings;
        this.events = events;
        this.maker = new TaskMaker(loop, settings, this::submit, this::member, events);
        this.options = TaskOptions.DEFAULT.withDeadline(settings.patience());
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "multiplier");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void show(Traffic watcher) {
        traffic = watcher;
    }

    @Override
    public void start() {
        cluster.tasks().runOn(threads, CONCURRENCY);
        subscription = cluster.on(DiscoveryEvent.class, event -> loop.execute(() -> handle(event)));
        join(TASKS, this::heard);
        join(RESULTS, this::finished);
        // A promotion is told to whoever subscribes late; there is none to be told of if this node is not master.
        if (cluster.mastership().isEmpty()) {
            work();
        }
    }

    private void heard(TaskInfo info) {
        Integer number = number(info);
        if (number != null && info.member() != null) {
            traffic.given(new Task(info.id(), info.member(), number));
        }
        maker.heard(info);
    }

    private void finished(TaskInfo info) {
        Product product = product(info);
        Member from = product == null ? null : member(product.executor());
        if (product != null && from != null) {
            traffic.answered(product.of(info.id()), from);
        }
        maker.finished(info, product);
    }

    private void join(String channel, Consumer<TaskInfo> hear) {
        cluster.channels()
                .join(channel, TaskInfo.class, (info, from) -> {
                    if (info.type().equals(TYPE)) {
                        loop.execute(() -> hear.accept(info));
                    }
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        log.warn("The channel {} could not be joined; this node does not hear it", channel, failure);
                    }
                });
    }

    @Override
    public Counts counts() {
        return maker.counts(inWork, answered);
    }

    @Override
    public void close() {
        closed = true;
        subscription.close();
        maker.demoted();
        workNoMore();
    }

    private void handle(DiscoveryEvent event) {
        if (closed) {
            return;
        }
        if (event instanceof DiscoveryEvent.Promoted promoted) {
            workNoMore();
            maker.promoted(promoted.mastership());
            adopt();
        } else if (event instanceof DiscoveryEvent.Demoted) {
            maker.demoted();
            work();
        } else if (event instanceof DiscoveryEvent.SessionLost) {
            maker.demoted();
        }
    }

    private @Nullable Member member(String id) {
        return cluster.view().members().stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    // --- As master --------------------------------------------------------------------------------------------------

    private void submit(Task task) {
        if (cluster.view().members().size() < 2) {
            maker.refused(task, "there is no other member");
            return;
        }
        cluster.tasks()
                .submit(TYPE, task.number(), Product.class, options.withId(task.uuid()))
                .accepted()
                .whenComplete((accepted, failure) -> {
                    if (failure != null) {
                        loop.execute(() -> maker.refused(task, String.valueOf(failure.getMessage())));
                    }
                });
    }

    /** Asks which tasks of earlier masters are to be done still, until there is an answer. */
    private void adopt() {
        cluster.tasks()
                .list(TaskQuery.OPEN)
                .whenComplete((page, failure) -> loop.execute(() -> {
                    if (failure == null) {
                        maker.adopt(page.tasks().stream()
                                .filter(info -> info.type().equals(TYPE))
                                .toList());
                    } else if (!closed && cluster.mastership().isPresent()) {
                        var unused = loop.schedule(RETRY, this::adopt);
                    }
                }));
    }

    // --- As executor ------------------------------------------------------------------------------------------------

    private void work() {
        if (handling == null) {
            handling = cluster.tasks().handle(TYPE, Integer.class, (number, run) -> multiply(run.id(), number));
        }
    }

    /** What runs goes on to its end. */
    private void workNoMore() {
        if (handling != null) {
            handling.close();
            handling = null;
        }
    }

    /** On a thread of its own. */
    private Product multiply(String id, int number) throws InterruptedException {
        Task task = new Task(id, cluster.self().id(), number);
        Instant start = loop.clock().now();
        CompletableFuture<Void> worked = new CompletableFuture<>();
        loop.execute(() -> {
            inWork++;
            Duration duration = settings.work().pick(loop.random());
            var unused = loop.schedule(duration, () -> worked.complete(null));
            events.accept(new PipelineEvent.Started(task, duration));
        });
        try {
            worked.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            loop.execute(() -> inWork--);
        }
        Instant finish = loop.clock().now();
        loop.execute(() -> {
            answered++;
            events.accept(new PipelineEvent.Answered(task, new Result(id, task.answer(), start, finish)));
        });
        return new Product(task.executor(), task.answer(), start, finish);
    }

    // --- What anybody may have written ------------------------------------------------------------------------------

    /** The number of a task; null if it is none. */
    static @Nullable Integer number(TaskInfo info) {
        return read(info.value(), Integer.class);
    }

    private static @Nullable Product product(TaskInfo info) {
        return info.state() == TaskState.COMPLETED ? read(info.value(), Product.class) : null;
    }

    private static <T> @Nullable T read(String json, Class<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JacksonException other) {
            return null;
        }
    }
}
