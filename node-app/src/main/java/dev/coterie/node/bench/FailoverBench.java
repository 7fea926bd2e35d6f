package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Measures how long a cluster of processes takes to go on without one of them: from the signal that ends or freezes it to
 * the line in which another says so. Sessions of two minutes, so that none of it is their running out. After each round a
 * new process takes the place of the lost one.
 */
public final class FailoverBench {

    private static final Clock clock = Clock.system();
    private static final long PATIENCE_SECONDS = 60;

    /** How long a new node is left alone, so that its links stand. */
    private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    private final List<String> etcd;
    private final Mode mode;
    private final List<FailoverProcess> nodes = new ArrayList<>();

    /** What is done to whom. */
    public enum Mode {
        /** The master's process is killed. */
        KILL_MASTER("master killed, to another's promotion", true, true, 3, 1, 1000, 2000),
        /** Another process is killed. */
        KILL_WORKER("worker killed, to the last node's removed", false, true, 3, 1, 1000, 2000),
        /** Of two processes, the master's is killed. */
        KILL_MASTER_OF_TWO("master killed, to the other's promotion", true, true, 2, 1, 1000, 2000),
        /** Of two processes, the other one is killed. */
        KILL_WORKER_OF_TWO("worker killed, to the master's removed", false, true, 2, 1, 1000, 2000),
        /** Of two masters, one is killed. */
        KILL_ONE_MASTER("one of 2 masters killed, to another's promotion", true, true, 4, 2, 1000, 2000),
        /** The master's process is frozen. */
        STOP_MASTER("master frozen, to another's promotion", true, false, 3, 1, 1000, 2000),
        /** The same, at hello 100 ms and timeout 300 ms. */
        STOP_MASTER_FAST(
                "master frozen, hello 100 ms and timeout 300 ms, to another's promotion", true, false, 3, 1, 100, 300);

        private final String shown;
        private final boolean master;
        private final boolean kill;
        private final int nodes;
        private final int masters;
        private final long helloMillis;
        private final long timeoutMillis;

        Mode(String shown, boolean master, boolean kill, int nodes, int masters, long helloMillis, long timeoutMillis) {
            this.shown = shown;
            this.master = master;
            this.kill = kill;
            this.nodes = nodes;
            this.masters = masters;
            this.helloMillis = helloMillis;
            this.timeoutMillis = timeoutMillis;
        }
    }

    private FailoverBench(List<String> etcd, Mode mode) {
        this.etcd = etcd;
        this.mode = mode;
    }

    /** Measures one mode and prints what came of it; the figures in milliseconds. */
    public static Map<String, Object> run(List<String> etcd, Mode mode, int rounds, PrintStream out)
            throws IOException {
        Histogram nanos = new FailoverBench(etcd, mode).rounds(rounds);
        out.printf(
                Locale.ROOT,
                "%s, %d nodes: p50 %.1f ms, p99 %.1f ms, max %.1f ms (%d rounds)%n",
                mode.shown,
                mode.nodes,
                nanos.getValueAtPercentile(50) / 1e6,
                nanos.getValueAtPercentile(99) / 1e6,
                nanos.getMaxValue() / 1e6,
                nanos.getTotalCount());
        return Figures.of(nanos);
    }

    private Histogram rounds(int rounds) throws IOException {
        Histogram nanos = new Histogram(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), 3);
        try {
            for (int i = 0; i < mode.nodes; i++) {
                nodes.add(join());
            }
            for (int round = 0; round < rounds; round++) {
                nanos.recordValue(round());
                nodes.add(join());
            }
        } finally {
            nodes.forEach(FailoverProcess::close);
        }
        return nanos;
    }

    private long round() {
        LockSupport.parkNanos(SETTLE_NANOS);
        FailoverProcess master = nodes.stream()
                .filter(node -> node.saying(FailoverMain.PROMOTED).isDone())
                .findFirst()
                .orElseThrow();
        FailoverProcess victim = mode.master ? master : nodes.get(nodes.size() - 1);
        List<FailoverProcess> others =
                nodes.stream().filter(node -> node != victim).toList();
        String removed = FailoverMain.REMOVED + get(victim.id());
        CompletableFuture<?>[] promotions = others.stream()
                .map(node -> node.saying(FailoverMain.PROMOTED))
                .filter(promotion -> !promotion.isDone())
                .toArray(CompletableFuture<?>[]::new);
        long start = clock.nanoTime();
        if (mode.kill) {
            victim.process().kill();
        } else {
            victim.process().pause();
        }
        long end = 0;
        if (mode.master) {
            end = (Long) get(CompletableFuture.anyOf(promotions));
        } else {
            for (FailoverProcess other : others) {
                end = Math.max(end, get(other.saying(removed)));
            }
        }
        nodes.remove(victim);
        victim.close();
        return end - start;
    }

    private FailoverProcess join() throws IOException {
        FailoverProcess one = FailoverProcess.start(mode.masters, mode.helloMillis, mode.timeoutMillis, etcd);
        get(one.id());
        if (nodes.size() < mode.masters) {
            get(one.saying(FailoverMain.PROMOTED));
        }
        return one;
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
}
