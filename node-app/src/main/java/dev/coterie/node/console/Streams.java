package dev.coterie.node.console;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.work.TaskCounts;
import dev.coterie.cluster.work.TaskEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The streams of events to the pages that are open, and the pulse that fills them: every second how much work there is.
 * What happened comes from the flight recorder, so that a page that lost its stream hears of what it missed. On the
 * console's loop.
 */
final class Streams {

    private static final int MOST = 32;
    private static final Duration PULSE = Duration.ofSeconds(1);

    /** How often tasks are asked about while nobody looks, for the flight recorder. */
    private static final int IDLE_PULSES = 5;

    private final EventLoop loop;
    private final FlightRecorder recorder;
    private final Flow flow;
    private final String boot;
    private final Optional<KeyValueStore> store;
    private final LongFunction<CompletionStage<TaskCounts>> ask;
    private final List<EventStream> open = new ArrayList<>();
    private Scheduled pulse = Scheduled.NONE;
    private int pulses;
    private long term;
    private long known;
    private boolean asking;
    private @Nullable TaskCounts counts;

    /**
     * Prepares them.
     *
     * @param store whose keys can be followed; none without etcd
     * @param ask asks the master about tasks, behind the number of an event
     */
    Streams(
            EventLoop loop,
            FlightRecorder recorder,
            Flow flow,
            String boot,
            Optional<KeyValueStore> store,
            LongFunction<CompletionStage<TaskCounts>> ask) {
        this.loop = loop;
        this.recorder = recorder;
        this.flow = flow;
        this.boot = boot;
        this.store = store;
        this.ask = ask;
    }

    /** Begins to beat. */
    void start() {
        pulse = loop.schedule(PULSE, this::pulse);
    }

    /** Ends all. */
    void close() {
        pulse.cancel();
        List.copyOf(open).forEach(EventStream::end);
    }

    /** How much work there was when it was last heard; null if never. */
    @Nullable
    TaskCounts counts() {
        return counts;
    }

    // --- One more page ----------------------------------------------------------------------------------------------

    /**
     * Opens one.
     *
     * @param from how far its page had come
     * @param keys the prefix of the keys to follow, if any
     * @throws Refused if there are too many
     */
    EventStream open(Position from, Optional<String> keys) {
        if (open.size() >= MOST) {
            throw new Refused(503, "stream: " + MOST + " are open; close a page");
        }
        Link link = new Link(from);
        open.add(link.stream);
        link.catchUp(from);
        keys.ifPresent(link::follow);
        return link.stream;
    }

    /** A stream, and what fills it. */
    private final class Link {

        private final EventStream stream;
        private final Consumer<FlightRecord> listener;
        private @Nullable KeyChanges changes;

        Link(Position from) {
            stream = new EventStream(
                    loop, new Position(boot, recorder.seq(), recorder.revision(), from.keys()), this::close);
            listener = stream::send;
        }

        void catchUp(Position from) {
            Position now = stream.position();
            if (from.boot().equals(boot) && recorder.hasAllAfter(from.seq())) {
                stream.moveTo(new Position(boot, from.seq(), from.revision(), from.keys()));
                recorder.after(from.seq()).forEach(stream::send);
            } else if (from.revision() > 0 && recorder.since() <= from.revision()) {
                // This process is another one; etcd knows what happened to the cluster meanwhile, and what the page
                // has heard of one revision it knows to be the same.
                stream.send("restarted", Map.of("since", from.revision()));
                recorder.clusterFrom(from.revision()).forEach(stream::send);
                stream.moveTo(now);
            } else if (!from.equals(Position.NONE)) {
                stream.send("reset", Map.of("what", "events"));
            }
            stream.send("here", Map.of("boot", boot));
            recorder.listen(listener);
        }

        void follow(String prefix) {
            store.ifPresent(keys -> {
                changes = new KeyChanges(keys, loop, prefix, stream);
                changes.start();
            });
        }

        void close() {
            open.remove(stream);
            recorder.ignore(listener);
            if (changes != null) {
                changes.close();
            }
        }
    }

    // --- The pulse --------------------------------------------------------------------------------------------------

    private void pulse() {
        pulse = loop.schedule(PULSE, this::pulse);
        if (!asking && (!open.isEmpty() || pulses++ % IDLE_PULSES == 0)) {
            asking = true;
            loop.then(ask.apply(known), this::counted, failure -> asking = false);
        }
        Map<String, Object> tick = tick();
        open.forEach(stream -> stream.send("pulse", tick));
    }

    private Map<String, Object> tick() {
        Map<String, Object> tick = new LinkedHashMap<>();
        tick.put("time", loop.clock().now());
        tick.put("demo", flow.counts());
        tick.put("tasks", counts);
        return tick;
    }

    private void counted(TaskCounts now) {
        asking = false;
        if (now.term() != term) {
            // The first answer of a new master told only of what lies behind a number that was the old one's.
            boolean behind = term != 0 && known > 0;
            term = now.term();
            known = 0;
            if (behind) {
                return;
            }
        }
        for (TaskEvent event : now.events()) {
            known = event.number();
            record(event);
        }
        counts = new TaskCounts(
                now.term(),
                now.totals(),
                now.latencies(),
                now.live(),
                now.scheduled(),
                now.dead(),
                now.bytes(),
                now.types(),
                now.members(),
                List.of());
    }

    private void record(TaskEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("type", event.type());
        Optional.ofNullable(event.member()).ifPresent(member -> fields.put("member", member));
        Optional.ofNullable(event.cause()).ifPresent(cause -> fields.put("cause", cause));
        String kind = event.timer() ? "timer" : "task";
        recorder.add(
                event.revision(), event.at(), kind, event.what().name().toLowerCase(Locale.ROOT), event.id(), fields);
    }
}
