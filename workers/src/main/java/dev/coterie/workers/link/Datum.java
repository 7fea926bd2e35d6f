package dev.coterie.workers.link;

import java.net.InetSocketAddress;

/**
 * Something that came from outside and goes to one worker: a datagram, or a piece of a connection's data.
 *
 * @param connection which connection it belongs to; 0 for a datagram
 * @param remote who sent it
 * @param bytes what was sent; whoever holds the datum must not change it
 */
public record Datum(long connection, InetSocketAddress remote, byte[] bytes) {}
