/** What a node measures, for Prometheus, and whether it is well, for whoever restarts it. */
@NullMarked
package dev.coterie.node.metrics;

import org.jspecify.annotations.NullMarked;
