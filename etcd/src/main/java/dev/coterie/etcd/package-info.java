/** etcd for development and tests. */
@NullMarked
package dev.coterie.etcd;

import org.jspecify.annotations.NullMarked;
