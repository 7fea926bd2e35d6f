/**
 * The key-value store that decides everything: what is asked of it, and etcd as the one that answers. Level 1.
 */
@NullMarked
package dev.coterie.cluster.store;

import org.jspecify.annotations.NullMarked;
