package dev.coterie.cluster.membership;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.session.Identity;
import dev.coterie.cluster.session.Session;
import dev.coterie.cluster.store.Change;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Mirror;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members as the store has them: the directory of registrations, read and followed, and told as views and their
 * differences. It also tells the session when this node's own registration is gone. Single-threaded: on the event loop;
 * {@link #view()} is for any thread.
 */
public final class Membership implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    private final Session session;
    private final Listener listener;
    private final Mirror mirror;

    /** By key; what stands at a key that is not a member record is not here. */
    private final Map<String, Registered> registered = new HashMap<>();

    private volatile View view = new View(0, List.of());
    private boolean initialised;

    /**
     * A member, and where and how it is registered.
     *
     * @param entry as it stands in the store
     */
    public record Registered(Member member, Entry entry) {}

    /** Is told what happens among the members. On the event loop. */
    public interface Listener {

        /** The first view that contains this node. Once. */
        void initialised(View view, Member self);

        /** A later difference; a member that came back in another session is among both the removed and the added. */
        void changed(View view, List<Member> added, List<Member> removed, List<Updated> updated);
    }

    /** A member that says something else of itself. */
    public record Updated(Member before, Member after) {}

    /** Prepares it; {@link #start} starts it. */
    public Membership(
            KeyValueStore store, EventLoop loop, String prefix, Duration reread, Session session, Listener listener) {
        this.session = session;
        this.listener = listener;
        this.mirror = new Mirror(store, loop, prefix + Registration.DIRECTORY, reread, this::changed);
    }

    /** Begins to read and follow. On the loop. */
    public void start() {
        mirror.start();
    }

    /** The latest view; its revision is 0 before the first. Any thread. */
    public View view() {
        return view;
    }

    /** A member with how it is registered. On the loop. */
    public Optional<Registered> registered(String nodeId) {
        return registered.values().stream()
                .filter(one -> one.member().id().equals(nodeId))
                .findFirst();
    }

    /** Whether the first view with this node in it was told. On the loop. */
    public boolean initialised() {
        return initialised;
    }

    /** A session has begun; the view may have shown its registration before the answer came. On the loop. */
    public void joined() {
        observeOwn();
        initialise();
    }

    /** Stops following. On the loop. */
    @Override
    public void close() {
        mirror.close();
    }

    private void changed(long revision, List<Change> changes) {
        // A member that came and went within these changes was never seen: only the whole difference is told.
        Map<String, Optional<Member>> before = new LinkedHashMap<>();
        for (Change change : changes) {
            Optional<Registered> was = Optional.ofNullable(registered.remove(change.key()));
            before.putIfAbsent(change.key(), was.map(Registered::member));
            if (change instanceof Change.Written written) {
                read(written).ifPresent(now -> registered.put(change.key(), now));
            }
        }
        List<Member> added = new ArrayList<>();
        List<Member> removed = new ArrayList<>();
        List<Updated> updated = new ArrayList<>();
        before.forEach((key, was) -> {
            Optional<Member> now = Optional.ofNullable(registered.get(key)).map(Registered::member);
            tell(was, now, added, removed, updated);
        });
        view = new View(revision, membersByAge());
        observeOwn();
        if (!initialised) {
            initialise();
        } else if (!added.isEmpty() || !removed.isEmpty() || !updated.isEmpty()) {
            listener.changed(view, added, removed, updated);
        }
    }

    private static void tell(
            Optional<Member> before,
            Optional<Member> after,
            List<Member> added,
            List<Member> removed,
            List<Updated> updated) {
        boolean same = before.map(Member::id).equals(after.map(Member::id));
        if (!same) {
            before.ifPresent(removed::add);
            after.ifPresent(added::add);
        } else if (!before.equals(after)) {
            updated.add(new Updated(before.orElseThrow(), after.orElseThrow()));
        }
    }

    private Optional<Registered> read(Change.Written written) {
        Optional<Member> member = MemberRecord.read(written.entry().value());
        if (member.isEmpty()) {
            log.warn("What stands at {} is not a member record; it is left alone and not counted", written.key());
        }
        return member.map(known -> new Registered(known, written.entry()));
    }

    /** The oldest session first: the create revision of a registration orders them alike for everybody. */
    private List<Member> membersByAge() {
        return registered.values().stream()
                .sorted(Comparator.comparingLong((Registered one) -> one.entry().createRevision()))
                .map(Registered::member)
                .toList();
    }

    private void observeOwn() {
        Optional<Identity> own = session.current();
        if (own.isPresent()) {
            session.observed(
                    mirror.revision(),
                    Optional.ofNullable(mirror.entries().get(own.get().registrationKey())));
        }
    }

    private void initialise() {
        if (initialised) {
            return;
        }
        session.current().flatMap(own -> view.member(own.nodeId())).ifPresent(self -> {
            initialised = true;
            listener.initialised(view, self);
        });
    }
}
