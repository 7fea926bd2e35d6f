package dev.coterie.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The driver: runs one of the benchmarks that the module's README describes. */
public final class Bench {

    /** A benchmark. */
    private interface Measurement {
        void run(Args args, Report report) throws Exception;
    }

    /** @param options that it knows, beside {@code --peers} */
    private record Entry(Measurement measurement, List<String> options) {}

    private static final Map<String, Entry> ENTRIES = new TreeMap<>(Map.of(
            "b1", new Entry(B1Join::run, B1Join.OPTIONS),
            "b2", new Entry(B2Failover::run, B2Failover.OPTIONS),
            "b3", new Entry(B3Handover::run, B3Handover.OPTIONS),
            "b4", new Entry(B4Channel::run, B4Channel.OPTIONS),
            "b5", new Entry(B5Tasks::run, B5Tasks.OPTIONS),
            "b6", new Entry(B6Scale::run, B6Scale.OPTIONS),
            "b7", new Entry(B7Timers::run, B7Timers.OPTIONS)));

    private Bench() {}

    /** {@code bench b1..b7 [--peers a,b] [--option value ...]}. */
    public static void main(String[] words) throws Exception {
        Entry entry = words.length == 0 ? null : ENTRIES.get(words[0]);
        if (entry == null) {
            System.err.println(
                    "bench: name one of " + String.join(", ", ENTRIES.keySet()) + "; bench/README.md explains them");
            System.exit(2);
            return;
        }
        try {
            Args args = new Args(List.of(words).subList(1, words.length), entry.options());
            Report report = new Report(words[0].toUpperCase(Locale.ROOT), System.out);
            args.list("peers", "coterie").forEach(Peers::load);
            entry.measurement().run(args, report);
            report.print();
        } catch (IllegalArgumentException refused) {
            System.err.println("bench: " + refused.getMessage());
            System.exit(2);
        }
        System.exit(0);
    }
}
