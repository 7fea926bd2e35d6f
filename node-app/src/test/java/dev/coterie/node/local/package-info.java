/** A cluster inside one test: virtual time, and members that find each other without etcd. */
@NullMarked
package dev.coterie.node.local;

import org.jspecify.annotations.NullMarked;
