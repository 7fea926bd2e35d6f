package dev.coterie.cluster.discovery;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A node's place among the others: who is there, who is master, what happens, and channels to talk on. All methods: any
 * thread.
 */
public interface Discovery extends AutoCloseable {

    /** This node; with a new id after a lost session. */
    Member self();

    /** The latest view. */
    View view();

    /** The masters known now, by slot. */
    List<Member> masters();

    /** What this node holds as master; empty if it is none. */
    Optional<Mastership> mastership();

    /**
     * Tells a callback of every event of one type from now on; {@code DiscoveryEvent.class} for all of them.
     *
     * @param handler called as {@link DiscoveryEvent} says
     */
    <E extends DiscoveryEvent> Subscription on(Class<E> type, Consumer<? super E> handler);

    /** The channels. */
    Channels channels();

    /**
     * Makes this node master, deposing another if need be, and eligible if it was not. The newest promotion wins.
     *
     * @return completes when it is done; fails if the store refused or could not be reached
     */
    CompletionStage<Void> promote();

    /**
     * Hands this node's mastership to another node, without a gap. Nothing changes if it cannot be done.
     *
     * @param member an eligible member that is not master itself
     * @return completes when the other node has been made master; fails with an {@link IllegalStateException} if this
     *     node is no master, or with an {@link IllegalArgumentException} if the member is not there, not eligible, or
     *     master already; also if the store refused or could not be reached
     */
    CompletionStage<Void> promote(Member member);

    /**
     * Hands this node's mastership to the next candidate and stays eligible: {@link #demote(boolean) demote(false)}.
     */
    default CompletionStage<Void> demote() {
        return demote(false);
    }

    /**
     * Hands this node's mastership to the next candidate and stands aside until another node has taken it. Does nothing
     * else if this node is not master.
     *
     * @param permanent whether this node also ceases to be eligible, until it is {@link #promote promoted}
     * @return completes when it is done; fails if the store could not be reached
     */
    CompletionStage<Void> demote(boolean permanent);

    /**
     * Says something else of this node, seen by all as an update.
     *
     * @param info JSON values only, 64 KiB at most
     * @return completes when the store has it
     * @throws IllegalArgumentException if it is too large or cannot become JSON
     */
    CompletionStage<Void> advertise(Map<String, Object> info);

    /**
     * Offers other services than before, seen by all as an update; what {@link #advertise(Map)} says stays as it is.
     * Mostly called by a {@code ServiceDiscovery}, which then is the only one to call it.
     *
     * @param services in place of all offered so far
     * @return completes when the store has it
     * @throws IllegalArgumentException if they are too large or cannot become JSON
     */
    CompletionStage<Void> advertise(List<Service> services);

    /**
     * Leaves: hands over a mastership, ends the session, closes the links. The others know within milliseconds. Waits a
     * few seconds at most; if the store cannot be reached, the others know when the session has run out. A second call
     * does nothing.
     */
    @Override
    void close();
}
