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
 * @param refresh how often it is refreshed
 * @param newId a fresh node id for every session
 * @param registration the first of its keys; its place does not depend on the id
 * @param objection why a registration that another process left at our place must not be replaced, if so
 */
public record SessionConfig(
        Duration ttl,
        Duration refresh,
        Supplier<String> newId,
        SessionKey registration,
        Function<Entry, Optional<String>> objection) {}
