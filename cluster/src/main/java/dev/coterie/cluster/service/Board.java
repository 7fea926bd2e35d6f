package dev.coterie.cluster.service;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.ServiceExplanation.Failure;
import dev.coterie.cluster.service.ServiceExplanation.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which services there are, how far each instance is set up, and which needs are met. A state machine: it is told what
 * happens and what the time is, and says what to do; it has neither threads nor timers. Single-threaded.
 *
 * <pre>
 *   not ready --says it is ready--> hook 1 is called --done--> … hook n is called --done--> active
 *                                    ^      |
 *                                    |      +--fails, or takes too long--> retrying
 *                                    +------------after a while---------------+
 *   any of them --says it is not ready--> not ready;   any of them --not offered any more--> gone
 * </pre>
 */
final class Board {

    private final ServiceConfig config;
    private final Clock clock;
    private final RandomGenerator random;
    private final Actions actions;
    private final Map<String, Offers> byName = new TreeMap<>();
    private long tickets;
    private boolean ready;

    /** What the board wants done. None of it calls the board back at once. */
    interface Actions {

        /**
         * Calls a hook.
         *
         * @param ticket is given to {@link Board#finished} with the outcome
         */
        void call(long ticket, Hook hook, Instance instance);

        /** Gives a call up; its outcome does not matter any more. */
        void giveUp(long ticket);

        /** Tells the application. */
        void emit(ServiceEvent event);
    }

    Board(ServiceConfig config, Clock clock, RandomGenerator random, Actions actions) {
        this.config = config;
        this.clock = clock;
        this.random = random;
        this.actions = actions;
    }

    /** These are the others now, with what they offer. */
    void members(Collection<Member> others) {
        Map<String, Instance> offered = new LinkedHashMap<>();
        for (Member member : others) {
            for (Service service : member.services()) {
                Instance instance = new Instance(member, service);
                offered.put(instance.id(), instance);
            }
        }
        setups().stream()
                .filter(setup -> !offered.containsKey(setup.instance.id()))
                .forEach(this::gone);
        offered.values().forEach(this::offered);
        byName.values().removeIf(offers -> !offers.needed && offers.setups.isEmpty());
        evaluate();
    }

    private void offered(Instance now) {
        Offers offers = byName.computeIfAbsent(now.service().name(), Offers::new);
        Setup setup = offers.setups.computeIfAbsent(now.member().id(), none -> new Setup(offers, now, clock.now()));
        Instance before = setup.instance;
        setup.instance = now;
        if (!now.service().ready()) {
            notReady(setup);
        } else if (setup.state == State.NOT_READY) {
            advance(setup);
        } else if (setup.active && !before.service().equals(now.service())) {
            actions.emit(new ServiceEvent.ServiceUpdated(before, now));
        }
    }

    private void notReady(Setup setup) {
        if (setup.state != State.NOT_READY) {
            stop(setup, "it says it is not ready");
            setup.hooksDone = 0;
            setup.attempts = 0;
            setup.enter(State.NOT_READY, clock.now());
        }
    }

    private void gone(Setup setup) {
        setup.offers.setups.remove(setup.instance.member().id());
        stop(setup, "it is not offered any more");
    }

    private void stop(Setup setup, String reason) {
        if (setup.state == State.SETTING_UP) {
            actions.giveUp(setup.ticket);
        }
        if (setup.active) {
            setup.active = false;
            actions.emit(new ServiceEvent.ServiceRemoved(setup.instance, reason));
        }
    }

    /** The next hook, or none is left. */
    private void advance(Setup setup) {
        if (setup.hooksDone < setup.offers.hooks.size()) {
            call(setup);
            return;
        }
        setup.enter(State.ACTIVE, clock.now());
        if (!setup.active) {
            setup.active = true;
            actions.emit(new ServiceEvent.ServiceAdded(setup.instance));
        }
    }

    private void call(Setup setup) {
        setup.enter(State.SETTING_UP, clock.now());
        setup.attempts++;
        setup.ticket = ++tickets;
        setup.due = clock.nanoTime() + config.hookDeadline().toNanos();
        actions.call(setup.ticket, setup.offers.hooks.get(setup.hooksDone), setup.instance);
    }

    /**
     * A call of a hook has ended. Only the first outcome of a call that was not given up counts.
     *
     * @param failure null if it is done
     */
    void finished(long ticket, @Nullable String failure) {
        Optional<Setup> called =
                setups().stream().filter(setup -> setup.ticket == ticket).findFirst();
        if (called.isEmpty()) {
            return;
        }
        Setup setup = called.get();
        if (failure == null) {
            setup.hooksDone++;
            setup.attempts = 0;
            advance(setup);
        } else {
            failed(setup, failure);
        }
        evaluate();
    }

    private void failed(Setup setup, String message) {
        Duration wait = config.retry().delay(setup.attempts, random);
        int hook = setup.hooksDone + 1;
        setup.lastFailure = new Failure(setup.instance.member().id(), hook, setup.attempts, message, clock.now());
        setup.offers.lastFailure = setup.lastFailure;
        setup.enter(State.RETRYING, clock.now());
        setup.retryAt = clock.now().plus(wait);
        setup.due = clock.nanoTime() + wait.toNanos();
        actions.emit(new ServiceEvent.SetupFailed(setup.instance, hook, setup.attempts, message, wait));
    }

    /** Time has passed. */
    void tick() {
        long now = clock.nanoTime();
        for (Setup setup : setups()) {
            if (!setup.waits() || setup.due - now > 0) {
                continue;
            }
            if (setup.state == State.RETRYING) {
                call(setup);
            } else {
                actions.giveUp(setup.ticket);
                failed(setup, "not done within " + config.hookDeadline().toMillis() + " ms");
            }
        }
    }

    /** How long until {@link #tick} has something to do; empty if time alone changes nothing. */
    Optional<Duration> untilTick() {
        long now = clock.nanoTime();
        return setups().stream()
                .filter(Setup::waits)
                .map(setup -> Duration.ofNanos(setup.due - now))
                .min(Duration::compareTo);
    }

    /** A service is needed from now on. */
    void need(String name) {
        byName.computeIfAbsent(name, Offers::new).needed = true;
        evaluate();
    }

    /** A service is needed, and has to be set up; instances in use stay so while the hook is called for them. */
    void setup(String name, Hook hook) {
        Offers offers = byName.computeIfAbsent(name, Offers::new);
        offers.needed = true;
        offers.hooks.add(hook);
        offers.setups.values().stream()
                .filter(setup -> setup.state == State.ACTIVE)
                .forEach(this::advance);
        evaluate();
    }

    /** Gives all calls up. */
    void close() {
        setups().stream()
                .filter(setup -> setup.state == State.SETTING_UP)
                .forEach(setup -> actions.giveUp(setup.ticket));
        byName.clear();
    }

    private void evaluate() {
        List<String> unmet = new ArrayList<>();
        boolean any = false;
        for (Offers offers : byName.values()) {
            any |= offers.needed;
            boolean missed = offers.needed && !offers.met();
            if (missed) {
                unmet.add(offers.name);
            }
            offers.unmetSince = !missed ? null : offers.unmetSince == null ? clock.now() : offers.unmetSince;
        }
        boolean nowReady = any && unmet.isEmpty();
        if (nowReady != ready) {
            ready = nowReady;
            actions.emit(nowReady ? new ServiceEvent.Ready(active()) : new ServiceEvent.NotReady(List.copyOf(unmet)));
        }
    }

    boolean ready() {
        return ready;
    }

    /** The instances that can be used, by name. */
    Map<String, List<Instance>> active() {
        Map<String, List<Instance>> active = new TreeMap<>();
        byName.forEach((name, offers) -> {
            if (offers.met()) {
                active.put(name, offers.active());
            }
        });
        return active;
    }

    /** What stands of each name, by name. */
    Map<String, ServiceExplanation> explanations() {
        Map<String, ServiceExplanation> explanations = new TreeMap<>();
        byName.forEach((name, offers) -> explanations.put(name, offers.explain()));
        return explanations;
    }

    private List<Setup> setups() {
        return byName.values().stream()
                .flatMap(offers -> offers.setups.values().stream())
                .toList();
    }
}
