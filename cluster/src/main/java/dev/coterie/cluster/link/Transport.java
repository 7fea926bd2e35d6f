package dev.coterie.cluster.link;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Opens links to other nodes and accepts theirs.
 *
 * <p>A link is one ordered stream of messages in one direction: the node that opened it sends. What comes out at the
 * other end is a prefix of what went in, each message once.
 */
public interface Transport extends AutoCloseable {

    /**
     * Starts to accept links. Once.
     *
     * @param acceptor asked for each link that another node opens
     * @return the port it listens on, which differs from the one asked for if that was 0
     * @throws LinkException of kind {@link LinkException.Kind#PORT_TAKEN} or {@link LinkException.Kind#NOT_LOCAL}
     */
    int listen(Acceptor acceptor);

    /**
     * Opens a link. Returns at once; messages may be offered at once and wait until the link is open.
     *
     * @param host a name or an IP address
     * @param listener told when the link has opened, and when it has closed
     */
    Link open(String host, int port, Greeting greeting, Listener listener);

    /** Closes all links and stops accepting. Waits a few seconds at most. */
    @Override
    void close();

    /** Decides about links that others open. On the transport's I/O thread: must not block. */
    interface Acceptor {

        /**
         * Takes or refuses a link.
         *
         * @return gets what comes
         * @throws LinkException of kind {@link LinkException.Kind#REJECTED}, whose message the opener is told
         */
        Receiver accept(Greeting greeting);

        /**
         * Answers one question of somebody who has no link and need not be a member.
         *
         * @param question what it means is not the transport's business
         * @return the answer, at most a frame large; fails with a {@link LinkException} of kind {@link
         *     LinkException.Kind#REJECTED}, whose message the asker is told
         */
        default CompletionStage<byte[]> asked(byte[] question) {
            return CompletableFuture.failedFuture(
                    new LinkException(LinkException.Kind.REJECTED, "nobody answers questions here"));
        }
    }

    /** The receiving end of a link. On the transport's I/O thread, one call at a time: must not block. */
    interface Receiver {

        /**
         * Messages have come.
         *
         * @param done to be run, on any thread, when they are dealt with; while too many are not, the transport reads
         *     no more, and the sender's queue fills
         */
        void received(List<Message> messages, Runnable done);

        /** The link has ended; nothing follows. */
        void closed(LinkException cause);
    }

    /** The sending end of a link hears what becomes of it. On the transport's I/O thread: must not block. */
    interface Listener {

        /** The other node has taken the link. */
        void opened();

        /** The link has ended, or could not be opened; nothing follows. What was still queued is lost. */
        void closed(LinkException cause);
    }
}
