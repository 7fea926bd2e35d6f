/** What a worker process in Java needs: {@link dev.coterie.workers.worker.Worker}. Level 2. */
@NullMarked
package dev.coterie.workers.worker;

import org.jspecify.annotations.NullMarked;
