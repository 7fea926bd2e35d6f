/**
 * The contract an application programs against: members, masters, services, events, channels. No implementation but
 * of what all implementations share: who is told of events, what channels may be called, how payloads travel. Level 0.
 */
@NullMarked
package dev.coterie.cluster.discovery;

import org.jspecify.annotations.NullMarked;
