package dev.coterie.cluster.link;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All links of a node: a peer for every other member, and what comes in from them, handed out by kind.
 *
 * <p>Who the peers are is decided on the event loop; anybody may look them up. What comes in is handled on the callback
 * loop, in order of each link; a few kinds on the event loop, so that no application's handler is in their way.
 */
public final class Links implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Links.class);

    /** Far more than there are members. */
    private static final int MOST_REMEMBERED = 10_000;

    private final Transport transport;
    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Function<byte[], Optional<Member>> readMember;
    private final @Nullable Handler[] handlers = new Handler[Byte.MAX_VALUE + 1];
    private final boolean[] onLoop = new boolean[Byte.MAX_VALUE + 1];
    private BiConsumer<Member, LinkException> onEnd = (from, cause) -> {};

    /** In the order of the view: what is done to all of them is done in the same order in every run. */
    private volatile Map<String, Peer> peers = Map.of();

    /** Which member was last at each place that links go to. On the loop. */
    private final Map<String, String> lastAt = new LinkedHashMap<>();

    /** Members whose place another session has taken: what they have said and is still on its way comes too late. */
    private volatile Set<String> replaced = Set.of();

    /** The latest session of each process that has greeted: its earlier ones may not be known to be replaced yet. */
    private final Map<String, Long> latest = new ConcurrentHashMap<>();

    private volatile Function<byte[], CompletionStage<byte[]>> responder = question ->
            CompletableFuture.failedFuture(new LinkException(LinkException.Kind.REJECTED, "this node answers nothing"));

    private volatile @Nullable Member self;
    private byte[] about = new byte[0];
    private long session;

    /** Takes what has come in. On the loop it was given for; what it throws is logged, and the next message follows. */
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

    /** Decides who gets the messages of a kind, on the callback loop; before links are taken. */
    public void on(byte kind, Handler handler) {
        handlers[kind] = handler;
    }

    /** Decides who gets the messages of a kind, on the event loop; before links are taken. */
    public void onLoop(byte kind, Handler handler) {
        handlers[kind] = handler;
        onLoop[kind] = true;
    }

    /** Decides who is told, on the I/O thread, that a link from another node has ended; before links are taken. */
    public void onEnd(BiConsumer<Member, LinkException> listener) {
        onEnd = listener;
    }

    /**
     * Opens a link besides the one that the peer has, for what must not wait behind the peer's messages. Whoever asked
     * for it closes it. Before {@link #introduce}, the other node will not take it.
     */
    public Link open(Member member, Transport.Listener listener) {
        Member me = self;
        Greeting greeting = new Greeting(me == null ? "" : me.id(), member.id(), session, about);
        return transport.open(member.address(), member.port(), greeting, listener);
    }

    /** Decides who answers the questions of those who are no members; until then they are refused. */
    public void onQuestion(Function<byte[], CompletionStage<byte[]>> newResponder) {
        responder = newResponder;
    }

    /**
     * Begins to take links from others.
     *
     * @return the port
     * @throws LinkException as {@link Transport#listen}
     */
    public int listen() {
        return transport.listen(new Transport.Acceptor() {
            @Override
            public Transport.Receiver accept(Greeting greeting) {
                return Links.this.accept(greeting);
            }

            @Override
            public CompletionStage<byte[]> asked(byte[] question) {
                return responder.apply(question);
            }
        });
    }

    /**
     * This node has an id from now on: greets with it, and takes links meant for it. On the loop.
     *
     * @param nowSession which of this process's sessions it is: the number of a later one is larger
     * @param nowAbout what greetings say of it
     */
    public void introduce(Member nowSelf, long nowSession, byte[] nowAbout) {
        peers.values().forEach(Peer::forget);
        peers = Map.of();
        self = nowSelf;
        session = nowSession;
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
                Greeting greeting = new Greeting(me.id(), member.id(), session, about);
                now.put(member.id(), new Peer(transport, loop, member, greeting));
            }
        }
        peers.forEach((id, peer) -> {
            if (!now.containsKey(id)) {
                peer.forget();
            }
        });
        peers = Collections.unmodifiableMap(now);
        members.forEach(this::isAt);
    }

    /** A node that has lost its session comes again under another id, and is then heard under no other. */
    private void isAt(Member member) {
        String before = lastAt.put(member.address() + " " + member.port(), member.id());
        if (before != null && !before.equals(member.id())) {
            Set<String> more = new LinkedHashSet<>(replaced);
            more.add(before);
            forgetFirst(more);
            replaced = more;
        }
        forgetFirst(lastAt.keySet());
    }

    /** Nothing is on its way for so long that so many others have come since. */
    private static void forgetFirst(Set<String> names) {
        if (names.size() > MOST_REMEMBERED) {
            names.remove(names.iterator().next());
        }
    }

    /** A member other than this node; none if it is unknown. Any thread. */
    public Optional<Peer> peer(String nodeId) {
        return Optional.ofNullable(peers.get(nodeId));
    }

    /** How many messages wait to be sent, to all others together; walks over them. Any thread. */
    public int queued() {
        return peers.values().stream().mapToInt(Peer::queued).sum();
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
        String process = from.address() + " " + from.port() + " " + from.startedAt();
        if (latest.size() >= MOST_REMEMBERED) {
            latest.clear();
        }
        latest.merge(process, greeting.session(), Math::max);
        return new Transport.Receiver() {
            @Override
            public void received(List<Message> messages, Runnable done) {
                List<Message> urgent = ofKind(messages, true);
                boolean isLatest = latest.getOrDefault(process, 0L) <= greeting.session();
                if (!isStill(me) || !isLatest || replaced.contains(from.id())) {
                    // Meant for who this node was before, or said by whom that one was: what comes on a link to, or
                    // from, who it is now may have overtaken it.
                    done.run();
                } else if (urgent.isEmpty()) {
                    hand(callbacks, from, messages, done);
                } else if (urgent.size() == messages.size()) {
                    hand(loop, from, messages, done);
                } else {
                    hand(loop, from, urgent, () -> {});
                    hand(callbacks, from, ofKind(messages, false), done);
                }
            }

            @Override
            public void closed(LinkException cause) {
                log.debug("The link from {} closed: {}", from.name(), cause.getMessage());
                onEnd.accept(from, cause);
            }
        };
    }

    private boolean isStill(Member me) {
        Member now = self;
        return now != null && now.id().equals(me.id());
    }

    private List<Message> ofKind(List<Message> messages, boolean urgent) {
        List<Message> found = List.of();
        for (Message message : messages) {
            if (onLoop[message.kind()] == urgent) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(message);
            }
        }
        return found;
    }

    private void hand(EventLoop to, Member from, List<Message> messages, Runnable done) {
        to.execute(() -> {
            messages.forEach(message -> to.attempt(() -> dispatch(from, message)));
            done.run();
        });
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
