package dev.coterie.cluster.service;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Why a service can or cannot be used on this node. Can become JSON.
 *
 * @param name of the service
 * @param needed whether this node needs it
 * @param met whether there is an instance that can be used
 * @param unmetSince since when a need is not met; null if it is, or if there is none
 * @param hooks how many hooks there are for it
 * @param instances all that are known, in the order in which they came
 * @param lastFailure of a hook for any instance, also for one that is gone; null if none has failed yet
 */
public record ServiceExplanation(
        String name,
        boolean needed,
        boolean met,
        @Nullable Instant unmetSince,
        int hooks,
        List<Known> instances,
        @Nullable Failure lastFailure) {

    /** Copies the list. */
    public ServiceExplanation {
        instances = List.copyOf(instances);
    }

    /** A service of which nothing is known. */
    static ServiceExplanation unknown(String name) {
        return new ServiceExplanation(name, false, false, null, 0, List.of(), null);
    }

    /**
     * The same with what choosers know.
     *
     * @param until until when the instance on a node, by its id, is not chosen; null if it is
     */
    ServiceExplanation withDown(Function<String, @Nullable Instant> until) {
        List<Known> marked = instances.stream()
                .map(known -> known.withDown(until.apply(known.node())))
                .toList();
        return new ServiceExplanation(name, needed, met, unmetSince, hooks, marked, lastFailure);
    }

    /** Where an instance stands. */
    public enum State {
        /** It says it is not ready. */
        NOT_READY,
        /** A hook is being called for it. */
        SETTING_UP,
        /** A hook has failed and will be called again. */
        RETRYING,
        /** All hooks are done. */
        ACTIVE
    }

    /**
     * An instance.
     *
     * @param node the id of the node that offers it
     * @param active whether it can be used; while hooks that came late are called, it can
     * @param since when it came into this state
     * @param hooksDone how many hooks are done for it
     * @param attempts how often the present hook was called in a row
     * @param retryAt when a hook is called again; null unless it is retrying
     * @param downUntil until when it is not chosen, after errors; null if it is
     * @param info what it says of itself
     * @param lastFailure of a hook for it; null if none has failed yet
     */
    public record Known(
            String node,
            State state,
            boolean active,
            Instant since,
            int hooksDone,
            int attempts,
            @Nullable Instant retryAt,
            @Nullable Instant downUntil,
            Map<String, Object> info,
            @Nullable Failure lastFailure) {

        private Known withDown(@Nullable Instant until) {
            return new Known(node, state, active, since, hooksDone, attempts, retryAt, until, info, lastFailure);
        }
    }

    /**
     * What a hook said when it failed.
     *
     * @param node the id of the node that offers the instance
     * @param hook which one, from 1
     * @param attempt how often in a row it had failed, from 1
     */
    public record Failure(String node, int hook, int attempt, String message, Instant at) {

        @Override
        public String toString() {
            return "hook " + hook + " for " + node + " failed at " + at + ", attempt " + attempt + ": " + message;
        }
    }

    /** The same in words, line by line. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(name + ": " + need());
        if (instances.isEmpty()) {
            lines.add("  no other node offers it");
        }
        instances.forEach(known -> lines.add("  " + known.node() + ": " + words(known)));
        if (lastFailure != null) {
            lines.add("  last failure: " + lastFailure);
        }
        return List.copyOf(lines);
    }

    private String need() {
        if (!needed) {
            return met ? "not needed here, can be used" : "not needed here, cannot be used";
        }
        return met ? "needed, can be used" : "needed, cannot be used since " + unmetSince;
    }

    private String words(Known known) {
        String hook = "hook " + (known.hooksDone() + 1) + " of " + hooks;
        String words = switch (known.state()) {
            case NOT_READY -> "says it is not ready";
            case SETTING_UP -> hook + " is being called, attempt " + known.attempts();
            case RETRYING ->
                hook + " has failed " + times(known.attempts()) + ", is called again at " + known.retryAt();
            case ACTIVE -> hooks == 0 ? "can be used" : "can be used, all hooks are done";
        };
        return (known.active() && known.state() != State.ACTIVE ? "can be used, while " : "")
                + words + " (since " + known.since() + ")"
                + (known.downUntil() == null ? "" : ", not chosen until " + known.downUntil() + " after errors");
    }

    private static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }
}
