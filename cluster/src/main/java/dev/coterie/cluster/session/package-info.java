/**
 * The session: one lease and all that hangs on it. Level 2.
 */
@NullMarked
package dev.coterie.cluster.session;

import org.jspecify.annotations.NullMarked;
