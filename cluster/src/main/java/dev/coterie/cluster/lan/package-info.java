/**
 * Discovery over UDP, without etcd: hello packets, masters by weight, channels. It speaks the packets of node-discover,
 * so that processes in Java and in Node.js can form one group. What it cannot promise is said at {@link
 * dev.coterie.cluster.lan.LanDiscovery}. Level 1.
 */
@NullMarked
package dev.coterie.cluster.lan;

import org.jspecify.annotations.NullMarked;
