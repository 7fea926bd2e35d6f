/**
 * Worker processes on this host: {@link dev.coterie.workers.supervisor.Supervisor} runs them,
 * {@code Crew} decides what happens to them, {@link dev.coterie.workers.supervisor.SupervisorEvent} says what did. Level 2.
 */
@NullMarked
package dev.coterie.workers.supervisor;

import org.jspecify.annotations.NullMarked;
