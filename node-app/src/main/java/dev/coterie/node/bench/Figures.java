package dev.coterie.node.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What was measured, for programs. */
final class Figures {

    private Figures() {}

    /** Of times in nanoseconds: what matters of them, in milliseconds, and how many there are. */
    static Map<String, Object> of(Histogram nanos) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("p50", nanos.getValueAtPercentile(50) / 1e6);
        figures.put("p99", nanos.getValueAtPercentile(99) / 1e6);
        figures.put("max", nanos.getMaxValue() / 1e6);
        figures.put("count", nanos.getTotalCount());
        return figures;
    }
}
