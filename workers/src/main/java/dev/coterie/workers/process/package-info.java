/** Child processes and what they leave on disk. Level 0. */
@NullMarked
package dev.coterie.workers.process;

import org.jspecify.annotations.NullMarked;
