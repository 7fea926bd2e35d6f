package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** How much memory a supervisor of eight workers takes, and how soon the next process is there when one crashes. */
final class FootprintBench {

    private static final int WORKERS = 8;

    private final PrintStream out;
    private final List<String> flags;
    private final Map<String, Object> figures;

    FootprintBench(PrintStream out, List<String> flags, Map<String, Object> figures) {
        this.out = out;
        this.flags = flags;
        this.figures = figures;
    }

    void run() throws IOException {
        Clock clock = Clock.system();
        List<String> command = BenchProcess.java(
                flags,
                "dev.coterie.node.Coterie",
                "workers",
                "run",
                "--workers",
                "" + WORKERS,
                "--ready",
                "start",
                "--monitor-port",
                "" + UdpBench.freeTcpPort(),
                "--json",
                "--",
                "sleep",
                "600");
        try (BenchProcess supervisor = BenchProcess.start(command)) {
            List<Long> workers = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                workers.add(pid(supervisor.lineWith("\"listening\"")));
            }
            List<Double> times = new ArrayList<>();
            for (int victim = 0; victim < WORKERS; victim++) {
                // Each once: the second time within a minute, the restart waits.
                long start = clock.nanoTime();
                ProcessHandle.of(workers.get(victim)).ifPresent(ProcessHandle::destroyForcibly);
                workers.set(victim, pid(supervisor.lineWith("\"forked\"")));
                times.add((clock.nanoTime() - start) / 1e6);
            }
            Collections.sort(times);
            double mebibytes = supervisor.mebibytes();
            out.printf(
                    "a supervisor of %d workers: %.0f MiB in memory; from kill -9 of a worker to 'forked' of the next one:"
                            + " median %.1f ms, longest %.1f ms (%d times)%n",
                    WORKERS, mebibytes, times.get(WORKERS / 2), times.get(WORKERS - 1), WORKERS);
            figures.put("supervisor MiB", mebibytes);
            figures.put("crash to forked ms, median", times.get(WORKERS / 2));
            figures.put("crash to forked ms, longest", times.get(WORKERS - 1));
        }
    }

    private static long pid(String event) {
        return Long.parseLong(event.replaceAll(".*\"pid\":([0-9]+).*", "$1"));
    }
}
