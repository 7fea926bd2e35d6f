package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.Message;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures a link between two JVMs on this machine: how many messages a second it carries, and how long one takes there
 * and back under a light load. The messages are handled on the callback thread of the other JVM, as a node's are.
 *
 * <p>For comparison it also measures the bare way there and back over a TCP socket, with no thread but the one that
 * reads: the least that any system can take on this machine at the same rate.
 */
public final class ChannelBench {

    private static final Clock clock = Clock.system();

    private static final int WARMUP_FACTOR = 10;

    private final Options options;
    private final PrintStream out;

    private CompletableFuture<Message> report = new CompletableFuture<>();
    private final Histogram roundTrips = new ConcurrentHistogram(TimeUnit.SECONDS.toNanos(10), 3);

    private ChannelBench(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /**
     * What to measure.
     *
     * @param messages in each round of the flood
     * @param rounds of the flood that count
     * @param warmups rounds before those, which do not count
     * @param size of a message's payload, in bytes; at least 8
     * @param rate messages a second under light load
     * @param light how long the light load lasts; as long before it, which does not count, at ten times the rate
     */
    public record Options(int messages, int rounds, int warmups, int size, int rate, Duration light) {

        /** What `bench channels` measures when it is told nothing else. */
        public static Options defaults() {
            return new Options(3_000_000, 5, 3, 100, 500, Duration.ofSeconds(10));
        }
    }

    /**
     * The figures.
     *
     * @param messagesPerSecond of each counted round of the flood, as the receiver saw them
     * @param roundTrip under light load, in nanoseconds
     * @param socketRoundTrip of the bare socket at the same rate, in nanoseconds
     */
    public record Result(List<Long> messagesPerSecond, Histogram roundTrip, Histogram socketRoundTrip) {

        /** The median of the flood's rounds. */
        public long medianPerSecond() {
            return messagesPerSecond.stream().sorted().toList().get(messagesPerSecond.size() / 2);
        }

        /** All of them, for programs. */
        public Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("messagesPerSecond", messagesPerSecond);
            figures.put("roundTrip", Figures.of(roundTrip));
            figures.put("socketRoundTrip", Figures.of(socketRoundTrip));
            return figures;
        }
    }

    /**
     * Measures, printing as it goes. Starts a second JVM with this one's class path, and ends it.
     *
     * @throws IOException if the second JVM cannot be started or ends early
     */
    public static Result run(Options options, PrintStream out) throws IOException {
        return new ChannelBench(options, out).measure();
    }

    /** As {@code run} with the defaults. */
    public static void main(String[] args) throws IOException {
        run(Options.defaults(), System.out);
    }

    private Result measure() throws IOException {
        try (BenchNode node = new BenchNode()) {
            int port = node.listen(this::handle);
            try (EchoProcess echo = EchoProcess.start(port);
                    Link link = node.open(echo.linkPort())) {
                List<Long> rates = flood(link);
                Histogram roundTrip = lightLoad(link);
                print("round trip over a link", roundTrip);
                Histogram bare = SocketPing.measure(echo.socketPort(), options);
                print("round trip over a bare socket", bare);
                return new Result(rates, roundTrip, bare);
            }
        }
    }

    private void handle(Message message) {
        if (message.kind() == BenchNode.REPORT) {
            report.complete(message);
        } else {
            roundTrips.recordValue(clock.nanoTime() - message.id());
        }
    }

    private List<Long> flood(Link link) {
        List<Long> rates = new ArrayList<>();
        for (int round = 1 - options.warmups(); round <= options.rounds(); round++) {
            long rate = floodOnce(link);
            out.printf(
                    Locale.ROOT,
                    "flood, round %s: %,d messages of %d bytes a second%n",
                    round < 1 ? "to warm up" : round,
                    rate,
                    options.size());
            if (round >= 1) {
                rates.add(rate);
            }
        }
        return rates;
    }

    private long floodOnce(Link link) {
        report = new CompletableFuture<>();
        for (long sequence = 0; sequence < options.messages(); sequence++) {
            byte[] payload = new byte[options.size()];
            ByteBuffer.wrap(payload).putLong(sequence);
            BenchNode.send(link, new Message(BenchNode.FLOOD, BenchNode.SUBJECT, options.messages(), payload));
        }
        ByteBuffer counted =
                ByteBuffer.wrap(report.orTimeout(30, TimeUnit.SECONDS).join().payload());
        long disorder = counted.getLong();
        if (disorder > 0) {
            throw new IllegalStateException(disorder + " messages came out of order");
        }
        return options.messages() * TimeUnit.SECONDS.toNanos(1) / counted.getLong();
    }

    /**
     * Warms up with more messages than it measures: under light load alone the JVM would still compile this path after
     * half a minute, and the figure would be the compiler's share of two cores.
     */
    private Histogram lightLoad(Link link) {
        ping(link, WARMUP_FACTOR * options.rate());
        roundTrips.reset();
        ping(link, options.rate());
        return roundTrips;
    }

    private void ping(Link link, int rate) {
        Pace pace = new Pace(rate);
        byte[] payload = new byte[options.size()];
        long total = rate * options.light().toMillis() / 1000;
        for (long sent = 0; sent < total; sent++) {
            pace.await();
            BenchNode.send(link, new Message(BenchNode.PING, BenchNode.SUBJECT, clock.nanoTime(), payload));
        }
        long deadline = clock.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (roundTrips.getTotalCount() < total && clock.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private void print(String what, Histogram histogram) {
        out.printf(
                Locale.ROOT,
                "%s at %d a second: p50 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us (%,d)%n",
                what,
                options.rate(),
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(99) / 1e3,
                histogram.getValueAtPercentile(99.9) / 1e3,
                histogram.getMaxValue() / 1e3,
                histogram.getTotalCount());
    }
}
