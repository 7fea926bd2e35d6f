package dev.coterie.workers.supervisor;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.workers.supervisor.SupervisorEvent.Died;
import dev.coterie.workers.supervisor.SupervisorEvent.Draining;
import dev.coterie.workers.supervisor.SupervisorEvent.Forked;
import dev.coterie.workers.supervisor.SupervisorEvent.Listening;
import dev.coterie.workers.supervisor.SupervisorEvent.Warning;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Decides what happens to the workers: a state machine that is told what processes do and says what is to be done to
 * them. All its methods are called on its loop.
 */
final class Crew {

    private final EventLoop loop;
    private final SupervisorConfig config;
    private final Ground ground;
    private final List<Slot> slots;
    private final Replacements replacements;
    private final Set<WorkerProcess> alive = new LinkedHashSet<>();
    private boolean closing;
    private boolean over;
    private Ending ending = Ending.DONE;

    Crew(EventLoop loop, SupervisorConfig config, Ground ground) {
        this.loop = loop;
        this.config = config;
        this.ground = ground;
        this.replacements = new Replacements(this);
        this.slots = IntStream.rangeClosed(1, config.workers())
                .mapToObj(number -> new Slot(number, config.workerName(number)))
                .toList();
    }

    /** What the crew decided is done here. */
    interface Ground {

        /** Whether it has a link, over which it says that it is alive. */
        boolean isLinked(WorkerProcess worker);

        /** Start a process; then say {@link Crew#forked} or {@link Crew#ended}. */
        void fork(WorkerProcess worker);

        /** Route nothing more to it, and let it finish what it has and end. May be called twice. */
        void drain(WorkerProcess worker);

        /** End it at once. May be called twice, and before it is forked. */
        void kill(WorkerProcess worker);

        /** It is ready: route something to it. */
        void listening(WorkerProcess worker);

        /** It has ended. */
        void ended(WorkerProcess worker);

        /** This has happened. */
        void tell(SupervisorEvent event);

        /** There are no workers any more, nor will there be. Once. */
        void over(Ending ending);
    }

    List<Slot> slots() {
        return slots;
    }

    /** All processes that have not ended. */
    Set<WorkerProcess> alive() {
        return alive;
    }

    boolean isClosing() {
        return closing;
    }

    /** Forks all, unless it was ended before it began. */
    void start() {
        if (!closing) {
            slots.forEach(slot -> slot.current = fork(slot));
        }
    }

    /** A process of a worker, from now on among those that are alive. */
    WorkerProcess fork(Slot slot) {
        slot.waits = false;
        double lease = 1 + config.recycle().jitter() * loop.random().nextDouble();
        WorkerProcess worker =
                new WorkerProcess(slot, ++slot.generations, lease, loop.clock().nanoTime());
        alive.add(worker);
        schedule(config.readyWithin(), () -> {
            if (worker.state() == WorkerState.STARTING) {
                kill(worker, "it was not ready within " + shown(config.readyWithin()));
            }
        });
        ground.fork(worker);
        return worker;
    }

    /** It runs. */
    void forked(WorkerProcess worker) {
        ground.tell(new Forked(worker.number(), worker.name(), worker.pid()));
        if (worker.doom().isPresent()) {
            ground.kill(worker);
        } else if (worker.state() == WorkerState.DRAINING) {
            ground.drain(worker);
        }
    }

    /** It says, or shows, that it is ready. */
    void listening(WorkerProcess worker, int port) {
        if (worker.state() != WorkerState.STARTING || worker.doom().isPresent()) {
            return;
        }
        worker.state(WorkerState.LISTENING);
        worker.port(port);
        worker.heard(loop.clock().nanoTime());
        ground.tell(new Listening(worker.number(), worker.name(), worker.pid(), port));
        ground.listening(worker);
        if (worker == worker.slot().successor) {
            replacements.ready(worker.slot());
        }
        schedule(stretched(config.recycle().age(), worker.lease()), () -> replacements.request(worker, "it is old"));
        watch(worker);
    }

    private static Duration stretched(Duration age, double factor) {
        return Duration.ofMillis((long) (age.toMillis() * factor));
    }

    /** Looks, as often as is needed, whether it still says that it is alive. One without a link never said so. */
    private void watch(WorkerProcess worker) {
        long silent = loop.clock().nanoTime() - worker.heard();
        Duration left = config.heartbeats().deadAfter().minusNanos(silent);
        if (worker.state() != WorkerState.LISTENING) {
            return;
        }
        if (left.isNegative() && ground.isLinked(worker)) {
            kill(worker, "it said nothing for " + shown(config.heartbeats().deadAfter()));
        } else {
            schedule(left.isNegative() ? config.heartbeats().deadAfter() : left.plusMillis(1), () -> watch(worker));
        }
    }

    /** It says that it is alive. */
    void heartbeat(WorkerProcess worker, WorkerProcess.Counts counts) {
        worker.heard(loop.clock().nanoTime());
        worker.counts(counts);
        recycleIfUsed(worker);
    }

    /** A connection was routed to it. */
    void connected(WorkerProcess worker) {
        worker.countRouted();
        recycleIfUsed(worker);
    }

    private void recycleIfUsed(WorkerProcess worker) {
        if (worker.connections() >= config.recycle().connections() * worker.lease()) {
            replacements.request(worker, "it has taken " + worker.connections() + " connections");
        }
    }

    /** Its link has ended, though it has not: it will be of no more use. */
    void unlinked(WorkerProcess worker, String reason) {
        schedule(config.unlinkedGrace(), () -> {
            if (worker.state().before(WorkerState.DRAINING)) {
                kill(worker, "its link ended: " + reason);
            }
        });
    }

    /**
     * It has ended.
     *
     * @param status its exit status
     * @param cause in words
     */
    void ended(WorkerProcess worker, int status, String cause) {
        if (!alive.remove(worker)) {
            return;
        }
        boolean expected = worker.state() == WorkerState.DRAINING;
        worker.state(WorkerState.GONE);
        ground.ended(worker);
        ground.tell(new Died(
                worker.number(), worker.name(), worker.pid(), worker.doom().orElse(cause)));
        Slot slot = worker.slot();
        if (worker == slot.successor) {
            slot.successor = null;
            replacements.failed(slot, worker.doom().orElse(cause));
        } else if (worker == slot.current) {
            slot.current = null;
            vacant(slot, expected, status == 0 && worker.doom().isEmpty());
        }
        replacements.gone(worker);
        endIfNobodyIsLeft();
    }

    /** Whoever served has ended. */
    private void vacant(Slot slot, boolean expected, boolean finished) {
        if (closing || slot.successor != null) {
            return;
        }
        if (expected) {
            slot.current = fork(slot);
        } else if (!finished) {
            crashed(slot);
        }
    }

    /** Forks another: at once the first time, later and later if that crashes too. */
    void crashed(Slot slot) {
        RestartPolicy policy = config.restart();
        int crashes = slot.crashed(loop.clock().nanoTime(), policy.window().toNanos());
        if (crashes > policy.limit()) {
            giveUp(slot, crashes);
            return;
        }
        Backoff backoff = policy.backoff();
        Duration delay = crashes == 1 ? Duration.ZERO : backoff.delay(crashes - 1, loop.random());
        slot.restarts++;
        slot.waits = true;
        if (delay.isZero()) {
            slot.current = fork(slot);
        } else {
            slot.next = loop.schedule(delay, () -> slot.current = fork(slot));
        }
    }

    private void giveUp(Slot slot, int crashes) {
        warn(slot.name() + ": it crashed " + crashes + " times within "
                + shown(config.restart().window()) + "; all workers are ended");
        ending = Ending.GAVE_UP;
        shutdown();
    }

    /** Ends all, because something has failed. */
    void fail(String text) {
        warn(text);
        ending = Ending.FAILED;
        shutdown();
    }

    /** Lets a worker end, and kills it if it takes too long. */
    void drain(WorkerProcess worker, String why) {
        if (!worker.state().before(WorkerState.DRAINING)) {
            return;
        }
        worker.state(WorkerState.DRAINING);
        ground.tell(new Draining(worker.number(), worker.name(), worker.pid(), why));
        ground.drain(worker);
        schedule(config.drain(), () -> {
            if (worker.state() != WorkerState.GONE) {
                kill(worker, "it did not end within " + shown(config.drain()) + " of being told to");
                if (ending == Ending.DONE) {
                    ending = closing ? Ending.KILLED : ending;
                }
            }
        });
    }

    private void kill(WorkerProcess worker, String why) {
        worker.doom(why);
        ground.kill(worker);
    }

    /** Lets one worker after the other be followed by a new process, which is ready before the old one ends. */
    void roll() {
        List.copyOf(alive).forEach(replacements::roll);
    }

    /** Ends all workers together, and starts each anew once it has ended. */
    void restart() {
        if (!closing) {
            forgetReplacements();
            List.copyOf(alive).forEach(worker -> drain(worker, "all workers are restarted"));
        }
    }

    /** Lets all workers end; then it is over. */
    void shutdown() {
        close();
        List.copyOf(alive).forEach(worker -> drain(worker, "the supervisor ends"));
        endIfNobodyIsLeft();
    }

    /** Kills all workers; then it is over. */
    void stop() {
        close();
        List.copyOf(alive).forEach(worker -> kill(worker, "the supervisor ends at once"));
        endIfNobodyIsLeft();
    }

    private void close() {
        closing = true;
        forgetReplacements();
        slots.forEach(slot -> {
            slot.next.cancel();
            slot.waits = false;
        });
    }

    private void forgetReplacements() {
        replacements.clear();
        slots.forEach(slot -> slot.successor = null);
    }

    private void endIfNobodyIsLeft() {
        if (!over && alive.isEmpty() && slots.stream().noneMatch(slot -> slot.waits)) {
            over = true;
            closing = true;
            ground.over(ending);
        }
    }

    void warn(String text) {
        ground.tell(new Warning(text));
    }

    Scheduled schedule(Duration delay, Runnable task) {
        return loop.schedule(delay, () -> {
            if (!over) {
                task.run();
            }
        });
    }

    RandomGenerator random() {
        return loop.random();
    }

    SupervisorConfig config() {
        return config;
    }

    private static String shown(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
