package dev.coterie.cluster.session;

import dev.coterie.cluster.store.Condition;

/**
 * What a node is for the length of one session.
 *
 * @param nodeId the node's id
 * @param lease what its keys hang on
 * @param registrationKey where it is registered
 * @param registered the revision that registered it
 */
public record Identity(String nodeId, long lease, String registrationKey, long registered) {

    /** Holds in a transaction as long as this session does: the registration it made still stands. */
    public Condition guard() {
        return new Condition.Created(registrationKey, registered);
    }
}
