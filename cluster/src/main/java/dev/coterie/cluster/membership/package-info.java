/**
 * The members as etcd has them. Level 3.
 */
@NullMarked
package dev.coterie.cluster.membership;

import org.jspecify.annotations.NullMarked;
