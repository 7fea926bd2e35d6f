package dev.coterie.cluster.link;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All links of a node: a peer for every other member, and what comes in from them, handed out by kind.
 *
 * <p>Who the peers are is decided on the event loop; anybody may look them up. What comes in is handled on the callback
 * loop, in order of each link.
 */
public final class Links implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Links.class);

    private final Transport transport;
    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Function<byte[], Optional<Member>> readMember;
    private final @Nullable Handler[] handlers = new Handler[Byte.MAX_VALUE + 1];

    /** In the order of the view: what is done to all of them is done in the same order in every run. */
    private volatile Map<String, Peer> peers = Map.of();

    private volatile @Nullable Member self;
    private byte[] about = new byte[0];

    /** Takes what has come in. On the callback loop; what it throws is logged, and the next message follows. */
    public interface Handler {

        /** A message has come. */
        void received(Member from, Message message);
    }

    /**
     * Prepares the links of a node.
     *
     * @param readMember what a greeting says of the node that opens a link
     */
    public Links(
            Transport transport, EventLoop loop, EventLoop callbacks, Function<byte[], Optional<Member>> readMember) {
        this.transport = transport;
        this.loop = loop;
        this.callbacks = callbacks;
        this.readMember = readMember;
    }

    /** Decides who gets the messages of a kind; before {@link #listen}. */
    public void on(byte kind, Handler handler) {
        handlers[kind] = handler;
    }

    /**
     * Begins to take links from others.
     *
     * @return the port
     * @throws LinkException as {@link Transport#listen}
     */
    public int listen() {
        return transport.listen(this::accept);
    }

    /**
     * This node has an id from now on: greets with it, and takes links meant for it. On the loop.
     *
     * @param nowAbout what greetings say of it
     */
    public void introduce(Member nowSelf, byte[] nowAbout) {
        peers.values().forEach(Peer::forget);
        peers = Map.of();
        self = nowSelf;
        about = nowAbout;
    }

    /** These are the members now: forgets those that are not among them, and meets the new ones. On the loop. */
    public void members(List<Member> members) {
        Member me = self;
        if (me == null) {
            return;
        }
        Map<String, Peer> now = new LinkedHashMap<>();
        for (Member member : members) {
            Peer known = peers.get(member.id());
            if (known != null) {
                now.put(member.id(), known);
            } else if (!member.id().equals(me.id())) {
                Greeting greeting = new Greeting(me.id(), member.id(), about);
                now.put(member.id(), new Peer(transport, loop, member, greeting));
            }
        }
        peers.forEach((id, peer) -> {
            if (!now.containsKey(id)) {
                peer.forget();
            }
        });
        peers = Collections.unmodifiableMap(now);
    }

    /** A member other than this node; none if it is unknown. Any thread. */
    public Optional<Peer> peer(String nodeId) {
        return Optional.ofNullable(peers.get(nodeId));
    }

    /** Closes all links. */
    @Override
    public void close() {
        transport.close();
    }

    /** On the transport's I/O thread. */
    private Transport.Receiver accept(Greeting greeting) {
        Member me = self;
        if (me == null || !greeting.to().equals(me.id())) {
            throw new LinkException(
                    LinkException.Kind.REJECTED,
                    "this is " + (me == null ? "no member" : me.id()) + ", not " + greeting.to());
        }
        Member from = readMember
                .apply(greeting.about())
                .filter(member -> member.id().equals(greeting.from()))
                .orElseThrow(() -> new LinkException(
                        LinkException.Kind.REJECTED, "the greeting of " + greeting.from() + " cannot be read"));
        return new Transport.Receiver() {
            @Override
            public void received(List<Message> messages, Runnable done) {
                callbacks.execute(() -> {
                    messages.forEach(message -> callbacks.attempt(() -> dispatch(from, message)));
                    done.run();
                });
            }

            @Override
            public void closed(LinkException cause) {
                log.debug("The link from {} closed: {}", from.name(), cause.getMessage());
            }
        };
    }

    private void dispatch(Member from, Message message) {
        Handler handler = handlers[message.kind()];
        if (handler == null) {
            log.debug("{} sent a message of kind {}, which this version does not know", from.name(), message.kind());
        } else {
            handler.received(from, message);
        }
    }
}
