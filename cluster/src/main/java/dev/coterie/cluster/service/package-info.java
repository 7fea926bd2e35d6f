/**
 * Services that need each other, on any {@link dev.coterie.cluster.discovery.Discovery}:
 * {@link dev.coterie.cluster.service.ServiceDiscovery} is where to start. Level 1.
 */
@NullMarked
package dev.coterie.cluster.service;

import org.jspecify.annotations.NullMarked;
