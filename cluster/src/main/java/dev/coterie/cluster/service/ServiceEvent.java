package dev.coterie.cluster.service;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Something that happened among the services, as this node saw it.
 *
 * <p>Delivered on the one callback thread of the {@link ServiceDiscovery}, in the order in which it happened, each
 * exactly once. By the time of the call {@link ServiceDiscovery#services()} shows it, and things may have moved on; what the event carries stays true of its moment. What
 * comes and goes between two looks at the cluster is not told. A callback that blocks delays later events and hooks,
 * never their deadlines.
 */
public sealed interface ServiceEvent {

    /** An instance can be used: it is ready, and all hooks for it are done. */
    record ServiceAdded(Instance instance) implements ServiceEvent {}

    /** An instance in use now says something else of itself; hooks are not called for that. */
    record ServiceUpdated(Instance before, Instance instance) implements ServiceEvent {}

    /**
     * An instance is not to be used any more.
     *
     * @param reason why, for a log
     */
    record ServiceRemoved(Instance instance, String reason) implements ServiceEvent {}

    /**
     * A hook has failed or taken too long.
     *
     * @param hook which one, from 1
     * @param attempt how often in a row it has failed for this instance, from 1
     * @param message what it said
     * @param retryIn when it is called again
     */
    record SetupFailed(Instance instance, int hook, int attempt, String message, Duration retryIn)
            implements ServiceEvent {}

    /**
     * Each service that is needed has an instance that can be used, where one had none before.
     *
     * @param services all instances that can be used, by name
     */
    record Ready(Map<String, List<Instance>> services) implements ServiceEvent {}

    /**
     * A service that is needed has no instance that can be used any more. Once, until it is {@link Ready} again.
     *
     * @param unmet the names that are missed
     */
    record NotReady(List<String> unmet) implements ServiceEvent {}
}
