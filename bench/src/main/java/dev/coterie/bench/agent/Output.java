package dev.coterie.bench.agent;

import java.io.PrintStream;
import org.HdrHistogram.Histogram;

/** What the driver reads: lines of {@code @NAME arg arg ...}. */
final class Output {

    private final PrintStream out;

    Output(PrintStream out) {
        this.out = out;
    }

    void emit(String name, Object... args) {
        StringBuilder line = new StringBuilder("@").append(name);
        for (Object arg : args) {
            line.append(' ').append(arg);
        }
        synchronized (out) {
            out.println(line);
            out.flush();
        }
    }

    /** Count, and p50, p99, p99.9 and maximum in microseconds. */
    static String quantiles(Histogram nanos) {
        return nanos.getTotalCount() + " " + nanos.getValueAtPercentile(50) / 1e3 + " "
                + nanos.getValueAtPercentile(99) / 1e3 + " " + nanos.getValueAtPercentile(99.9) / 1e3 + " "
                + nanos.getMaxValue() / 1e3;
    }
}
