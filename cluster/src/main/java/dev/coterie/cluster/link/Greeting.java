package dev.coterie.cluster.link;

/**
 * The first thing said on a link.
 *
 * @param from the id of the node that opens it
 * @param to the id of the node it wants; another node on the same address refuses it
 * @param about what the opener says of itself, opaque to the link; at most 128 KiB
 */
public record Greeting(String from, String to, byte[] about) {}
