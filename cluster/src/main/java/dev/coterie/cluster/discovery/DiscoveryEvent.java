package dev.coterie.cluster.discovery;

import java.util.List;

/**
 * Something that happened in the cluster, as this node saw it.
 *
 * <p>Delivered on the one callback thread, in the order in which it happened, each exactly once. By the time of the
 * call the cluster may have moved on; what the event carries stays true of its moment. A callback that blocks delays
 * later events and messages, never the session.
 */
public sealed interface DiscoveryEvent {

    /**
     * The first view that contains this node. Once in the life of a {@link Discovery}.
     *
     * @param self this node
     */
    record Init(View view, Member self) implements DiscoveryEvent {}

    /** A later difference. It follows the single events of its members. */
    record Change(View view, List<Member> added, List<Member> removed, List<Member> updated)
            implements DiscoveryEvent {}

    /** A node has come. Not told of this node itself, nor of those in {@link Init}. */
    record MemberAdded(Member member) implements DiscoveryEvent {}

    /** A node has gone. */
    record MemberRemoved(Member member) implements DiscoveryEvent {}

    /** A node now says something else of itself. */
    record MemberUpdated(Member before, Member member) implements DiscoveryEvent {}

    /**
     * This node is master from now on.
     *
     * @param member this node
     */
    record Promoted(Member member, Mastership mastership) implements DiscoveryEvent {}

    /**
     * This node is not master any more.
     *
     * @param member this node as it was
     * @param mastership what it held; no longer valid
     * @param reason why, for a log
     */
    record Demoted(Member member, Mastership mastership, String reason) implements DiscoveryEvent {}

    /**
     * Another mastership began, on this node or another.
     *
     * @param member the master
     */
    record MasterChanged(Member member, int slot, long term) implements DiscoveryEvent {}

    /**
     * This node's session ended against its will: it is no member, holds no mastership and hears no channel until
     * {@link Rejoined}. Nothing has to be done about it.
     *
     * @param member this node as it was
     * @param reason why, for a log
     */
    record SessionLost(Member member, String reason) implements DiscoveryEvent {}

    /**
     * This node is a member again, in a new session with all it had but the mastership.
     *
     * @param member this node under its new id
     */
    record Rejoined(Member member) implements DiscoveryEvent {}
}
