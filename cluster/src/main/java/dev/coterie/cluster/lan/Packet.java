package dev.coterie.cluster.lan;

/**
 * What one datagram says.
 *
 * @param event {@link #HELLO}, one of our own, or a channel
 * @param process of the operating-system process that sent it; node-discover's {@code pid}
 * @param sender the node that sent it; node-discover's {@code iid}
 * @param host the sender's machine, for display
 * @param number counts the sender's hellos, or its messages on channels, from 1; 0 if it does not count
 * @param to the one node it is for; empty if it is for all
 * @param channel of a question, an answer or a refusal
 * @param id ties an answer to its question
 * @param data JSON, or the very bytes of a payload that was bytes
 */
record Packet(
        String event,
        String process,
        String sender,
        String host,
        long number,
        String to,
        String channel,
        long id,
        byte[] data) {

    /** Said by both systems. */
    static final String HELLO = "hello";

    // Ours have a colon, which no channel has; node-discover does not listen to them.
    /** The sender leaves. */
    static final String GOODBYE = "coterie:goodbye";
    /** The receiver is to become master. */
    static final String PROMOTE = "coterie:promote";
    /** Is anybody there? It needs no answer: where nobody is, the network says so. */
    static final String PROBE = "coterie:probe";

    static final String REQUEST = "coterie:request";
    static final String ANSWER = "coterie:answer";
    static final String REFUSAL = "coterie:refusal";
    /** Asks all, from outside of the group. */
    static final String EXPLAIN = "coterie:explain";

    static final String EXPLANATION = "coterie:explanation";

    /** The same with another number and other data. */
    Packet with(long otherNumber, byte[] otherData) {
        return new Packet(event, process, sender, host, otherNumber, to, channel, id, otherData);
    }
}
