package dev.coterie.node.metrics;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.meter.Meter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/** What a node counts, times and is, as Prometheus reads it. Names begin with {@code coterie_}. Any thread. */
public final class Metrics implements Meter, AutoCloseable {

    private static final Duration[] BOUNDS = {
        Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5),
        Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(50),
        Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(500),
        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(5)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Count, Counter> counters = new EnumMap<>(Count.class);
    private final Map<Time, Timer> timers = new EnumMap<>(Time.class);
    private final Map<Level, AtomicLong> levels = new EnumMap<>(Level.class);
    private final Map<String, Counter> events = new ConcurrentHashMap<>();
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Counts from nothing. */
    public Metrics() {
        registry.config().meterFilter(new Prefix());
        addCounters();
        addTimers();
        addLevels();
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /** All are called alike, those of the JVM too. */
    private static final class Prefix implements MeterFilter {
        @Override
        public io.micrometer.core.instrument.Meter.Id map(io.micrometer.core.instrument.Meter.Id id) {
            return id.getName().startsWith("coterie.") ? id : id.withName("coterie." + id.getName());
        }
    }

    private void addCounters() {
        String sessions = "Sessions that have begun, and were lost";
        counters.put(Count.SESSION_BEGUN, counter("sessions", sessions, "event", "begun"));
        counters.put(Count.SESSION_LOST, counter("sessions", sessions, "event", "lost"));
        counters.put(
                Count.REFRESH_FAILED, counter("session.refresh.failures", "Refreshes of the lease that have failed"));
        counters.put(Count.MEMBER_EVICTED, counter("evictions", "Members whose session this node has ended"));
        String masterships = "How often this node became master, and ceased to be";
        counters.put(Count.PROMOTED, counter("masterships", masterships, "event", "begun"));
        counters.put(Count.DEMOTED, counter("masterships", masterships, "event", "ended"));
        String messages = "Messages on channels";
        counters.put(Count.MESSAGE_SENT, counter("messages", messages, "what", "sent"));
        counters.put(Count.MESSAGE_MISSED, counter("messages", messages, "what", "missed"));
        counters.put(Count.MESSAGE_RECEIVED, counter("messages", messages, "what", "received"));
        counters.put(Count.ETCD_FAILED, counter("etcd.failures", "Calls to etcd that have failed"));
    }

    private void addTimers() {
        String calls = "How long calls to etcd take";
        timers.put(Time.ETCD_READ, timer("etcd.call", calls, "kind", "read"));
        timers.put(Time.ETCD_TRANSACTION, timer("etcd.call", calls, "kind", "transaction"));
        timers.put(Time.ETCD_LEASE, timer("etcd.call", calls, "kind", "lease"));
        timers.put(Time.JOURNAL_APPEND, timer("journal.append", "How long it takes until etcd has what was appended"));
    }

    private void addLevels() {
        addLevel(Level.JOURNAL_BYTES, "journal.size", "Bytes of all records of the journal, while this node writes it");
        addLevel(Level.JOURNAL_LIVE_BYTES, "journal.live", "Bytes of its records that are still needed");
        addLevel(Level.JOURNAL_WAITING_BYTES, "journal.waiting", "Bytes that wait to be written to it");
    }

    private void addLevel(Level what, String name, String help) {
        AtomicLong level = new AtomicLong();
        levels.put(what, level);
        gauge(name, help, level, AtomicLong::get);
    }

    private Counter counter(String name, String help, String... tags) {
        return Counter.builder("coterie." + name).description(help).tags(tags).register(registry);
    }

    private Timer timer(String name, String help, String... tags) {
        return Timer.builder("coterie." + name)
                .description(help)
                .tags(tags)
                .serviceLevelObjectives(BOUNDS)
                .register(registry);
    }

    @Override
    public void count(Count what, long times) {
        Counter counter = counters.get(what);
        if (counter != null) {
            counter.increment((double) times);
        }
    }

    @Override
    public void time(Time what, long nanos) {
        Timer timer = timers.get(what);
        if (timer != null) {
            timer.record(Duration.ofNanos(Math.max(0, nanos)));
        }
    }

    @Override
    public void level(Level what, long now) {
        AtomicLong level = levels.get(what);
        if (level != null) {
            level.set(now);
        }
    }

    /** Something was said to have happened, by the name that the output has for it. */
    public void happened(String event) {
        events.computeIfAbsent(event, name -> counter("events", "What a node has said, by its name", "event", name))
                .increment();
    }

    /** Shows how things stand with a node from now on. */
    public void of(Discovery node) {
        gauge(
                "members",
                "Members in this node's view",
                node,
                one -> one.view().members().size());
        gauge(
                "masters",
                "Masters in this node's view",
                node,
                one -> one.masters().size());
        gauge(
                "master",
                "Whether this node is master: 1 or 0",
                node,
                one -> one.mastership().isPresent() ? 1 : 0);
        gauge("term", "The term of this node's mastership; 0 if it has none", node, Metrics::term);
        gauge(
                "view.revision",
                "The revision of etcd that this node's view is of",
                node,
                one -> one.view().revision());
        if (node instanceof Cluster cluster) {
            gauge(
                    "session.left.seconds",
                    "How long the session stands without another refresh",
                    cluster,
                    one -> one.sessionRemaining().toMillis() / 1e3);
            registry.getPrometheusRegistry().register(new TaskMetrics(cluster));
            gauge("link.queued", "Messages that wait to be sent to other nodes", cluster, Cluster::queuedMessages);
        }
    }

    private static double term(Discovery node) {
        return node.mastership().map(Mastership::term).orElse(0L);
    }

    private <T> void gauge(String name, String help, T of, ToDoubleFunction<T> number) {
        Gauge.builder("coterie." + name, of, number)
                .description(help)
                .strongReference(true)
                .register(registry);
    }

    /** All of it, in Prometheus' text format. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
