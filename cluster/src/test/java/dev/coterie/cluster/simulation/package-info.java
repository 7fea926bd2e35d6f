/**
 * Whole clusters on virtual time. The production classes, from {@code Cluster} down to the session, run on one thread in
 * a world that a seed makes: time, network, etcd, crashes, freezes. The same seed gives the same history to the byte.
 */
package dev.coterie.cluster.simulation;
