/**
 * The contract an application programs against: members, masters, events, channels. No implementation. Level 0.
 */
@NullMarked
package dev.coterie.cluster.discovery;

import org.jspecify.annotations.NullMarked;
