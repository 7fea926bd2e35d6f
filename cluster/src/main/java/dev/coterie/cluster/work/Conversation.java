package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.Backoff;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's end of its conversation with the master. Whatever goes wrong, another master, a message lost, no answer,
 * it begins anew and says all that is still to be said; so nothing else has to be remembered or repeated. On the loop.
 */
final class Conversation {

    private static final Logger log = LoggerFactory.getLogger(Conversation.class);

    /** How often it is made sure of that nothing was lost, as long as there is anything to lose. */
    private static final Duration CHECK = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Backoff ANEW = Backoff.doubling(Duration.ofMillis(10), Duration.ofSeconds(1));

    private final EventLoop loop;
    private final BiPredicate<Member, byte[]> links;
    private final List<Party> parties = new ArrayList<>();
    private final ArrayDeque<Said> said = new ArrayDeque<>();
    private List<Runnable> effects = new ArrayList<>();
    private @Nullable Member master;
    private @Nullable Outbox outbox;
    private long term;
    private long conversations;
    private long heard;
    private long lastSaid;
    private long lastHeard;
    private int failures;
    private boolean sendExpected;
    private boolean closed;
    private Scheduled anew = Scheduled.NONE;

    /** Who has something to say to the master. On the loop. */
    interface Party {

        /** A conversation begins: say what has to be known first. */
        void begin(Conversation with);

        /** All parties have said what has to be known first; say what else was not settled yet. */
        void resume(Conversation with);

        /** Whether something would be missed if messages were lost. */
        boolean depends();
    }

    /**
     * A message.
     *
     * @param effects what follows when it has had its effect for good
     */
    private record Said(long number, List<Runnable> effects) {}

    /**
     * Prepares it.
     *
     * @param links sends a message to a member, or has no room for it
     */
    Conversation(EventLoop loop, BiPredicate<Member, byte[]> links) {
        this.loop = loop;
        this.links = links;
    }

    /** Adds one that has something to say; before it begins. */
    void add(Party party) {
        parties.add(party);
    }

    /** Somebody is master from now on. */
    void master(Member nowMaster, long nowTerm) {
        if (nowTerm > term) {
            term = nowTerm;
            master = nowMaster;
            failures = 0;
            begin();
        }
    }

    /** This node has another id now, under which nothing was said yet. */
    void renamed() {
        begin();
    }

    /** The latest term that this node has heard of. */
    long term() {
        return term;
    }

    void start() {
        var unused = loop.schedule(CHECK, this::check);
    }

    void close() {
        closed = true;
        end();
    }

    /** Whether there is somebody to talk to. */
    boolean isOpen() {
        return outbox != null;
    }

    /** Where to say something, which is sent soon; only while it is open. */
    WireWriter say() {
        Outbox to = outbox;
        if (to == null) {
            throw new IllegalStateException("there is no conversation");
        }
        if (to.isFull()) {
            send(to);
        }
        if (!sendExpected) {
            // After what else is to be done now, which may have more to say.
            sendExpected = true;
            loop.execute(() -> {
                sendExpected = false;
                if (outbox != null && outbox.hasNews()) {
                    send(outbox);
                }
            });
        }
        return to.say();
    }

    /** Says something that has an effect on this side, once it has had one for good on the other. */
    WireWriter say(Runnable effect) {
        WireWriter to = say();
        effects.add(effect);
        return to;
    }

    private void send(Outbox to) {
        said.add(new Said(to.send(), effects));
        effects = new ArrayList<>();
        lastSaid = loop.clock().nanoTime();
    }

    private void begin() {
        end();
        Member to = master;
        if (to == null || closed) {
            return;
        }
        lastHeard = loop.clock().nanoTime();
        heard = 0;
        outbox = new Outbox(loop, bytes -> links.test(to, bytes), term, ++conversations);
        parties.forEach(party -> party.begin(this));
        say().verb(Verbs.READY);
        parties.forEach(party -> party.resume(this));
    }

    private void end() {
        anew.cancel();
        if (outbox != null) {
            outbox.close();
            outbox = null;
        }
        said.clear();
        effects = new ArrayList<>();
    }

    /** Something is wrong: from the beginning, and more slowly each time. */
    private void beginAnew(String why) {
        log.debug("The conversation with the master begins anew: {}", why);
        end();
        failures++;
        anew = loop.schedule(ANEW.delay(failures, loop.random()), this::begin);
    }

    private void check() {
        if (closed) {
            return;
        }
        var unused = loop.schedule(CHECK, this::check);
        if (outbox == null || parties.stream().noneMatch(Party::depends)) {
            return;
        }
        long now = loop.clock().nanoTime();
        if (!said.isEmpty() && now - lastHeard > PATIENCE.toNanos()) {
            beginAnew("no answer");
        } else if (now - lastSaid > CHECK.toNanos() / 2) {
            send(outbox);
        }
    }

    /**
     * What the master says.
     *
     * @param handler gets its verbs, if something follows from them
     */
    void received(Member from, byte[] bytes, Consumer<WireReader> handler) {
        WireReader reader = new WireReader(bytes);
        long ofTerm = reader.number();
        long ofConversation = reader.number();
        long number = reader.number();
        long settled = reader.number();
        boolean fromMaster = master != null && master.id().equals(from.id()) && ofTerm == term;
        if (!fromMaster || outbox == null || ofConversation < conversations) {
            return;
        }
        if (number == Outbox.ASIDE && failures == 0) {
            // It was not ready, and is now.
            failures++;
            begin();
            return;
        }
        if (number != heard + 1) {
            beginAnew("message " + number + " came after " + heard);
            return;
        }
        heard = number;
        lastHeard = loop.clock().nanoTime();
        failures = 0;
        handler.accept(reader);
        // Only then: what was refused is told before what was sent with it has had its effect.
        for (Said first = said.peek(); first != null && first.number <= settled; first = said.peek()) {
            said.remove().effects.forEach(Runnable::run);
        }
    }
}
