package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Member;
import java.net.InetSocketAddress;

/**
 * How another node is reached.
 *
 * @param plain whether it is a node-discover, which knows none of our own packets
 * @param shared whether others have the same address and port, so that a packet sent there may reach one of them
 */
record Peer(Member member, InetSocketAddress address, boolean plain, boolean shared) {}
