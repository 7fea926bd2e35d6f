package dev.coterie.cluster.session;

import dev.coterie.cluster.store.Entry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a session needs to know.
 *
 * @param ttl how long it outlives its last refresh
 * @param refresh the longest time between two refreshes
 * @param pause how long this process may stand still before others may take it for dead
 * @param newId a fresh node id for every session
 * @param registration the first of its keys; its place does not depend on the id
 * @param objection why a registration that another process left at our place must not be replaced, if so
 */
public record SessionConfig(
        Duration ttl,
        Duration refresh,
        Duration pause,
        Supplier<String> newId,
        SessionKey registration,
        Function<Entry, Optional<String>> objection) {}
