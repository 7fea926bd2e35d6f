/** What a supervisor says over HTTP: {@link dev.coterie.workers.monitor.Monitor}, {@link dev.coterie.workers.monitor.Ecv}. Level 3. */
@NullMarked
package dev.coterie.workers.monitor;

import org.jspecify.annotations.NullMarked;
