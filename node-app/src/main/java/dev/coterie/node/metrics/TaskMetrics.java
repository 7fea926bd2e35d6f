package dev.coterie.node.metrics;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.work.TaskCounts;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Tasks as the master of slot 0 counts them; on other nodes nothing, so that no task is counted twice. */
final class TaskMetrics implements MultiCollector {

    private static final long PATIENCE_MILLIS = 1000;

    private final Cluster cluster;

    TaskMetrics(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public MetricSnapshots collect() {
        return counts().map(TaskMetrics::snapshots).orElseGet(MetricSnapshots::new);
    }

    private Optional<TaskCounts> counts() {
        boolean counts = cluster.mastership().filter(held -> held.slot() == 0).isPresent();
        if (!counts) {
            return Optional.empty();
        }
        try {
            CompletableFuture<TaskCounts> answer =
                    cluster.tasks().counts(Long.MAX_VALUE).toCompletableFuture();
            return Optional.ofNullable(answer.copy()
                    .orTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .join());
        } catch (CompletionException notNow) {
            // Mastership changes, or the master is not ready yet: the next scrape has it.
            return Optional.empty();
        }
    }

    private static MetricSnapshots snapshots(TaskCounts counts) {
        return new MetricSnapshots(states(counts), happened(counts), latencies(counts));
    }

    private static GaugeSnapshot states(TaskCounts counts) {
        int running =
                counts.members().stream().mapToInt(TaskCounts.Share::running).sum();
        int waiting = counts.types().stream().mapToInt(TaskCounts.Type::waiting).sum();
        return GaugeSnapshot.builder()
                .name("coterie_tasks")
                .help("Tasks and timers that are not finished, by state")
                .dataPoint(state("scheduled", counts.scheduled()))
                .dataPoint(state("waiting", waiting))
                .dataPoint(state("running", running))
                .dataPoint(state("dead", counts.dead()))
                .build();
    }

    private static GaugeDataPointSnapshot state(String name, int tasks) {
        return GaugeDataPointSnapshot.builder()
                .labels(Labels.of("state", name))
                .value(tasks)
                .build();
    }

    private static CounterSnapshot happened(TaskCounts counts) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("coterie_task_events")
                .help("What has happened to tasks since this node became master");
        counts.totals()
                .forEach((what, times) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of("what", what.name().toLowerCase(Locale.ROOT)))
                        .value((double) times)
                        .build()));
        return counter.build();
    }

    private static HistogramSnapshot latencies(TaskCounts counts) {
        List<Double> bounds = new ArrayList<>(
                TaskCounts.BOUNDS.stream().map(millis -> millis / 1000.0).toList());
        bounds.add(Double.POSITIVE_INFINITY);
        return HistogramSnapshot.builder()
                .name("coterie_task_latency_seconds")
                .help("From when tasks were due until they were done")
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts.latencies()))
                        .build())
                .build();
    }
}
