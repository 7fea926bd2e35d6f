package dev.coterie.cluster.session;

/**
 * A key that hangs on the session: written again, under the new id, whenever a session begins. Compared by identity.
 * Called on the event loop.
 */
public interface SessionKey {

    /**
     * Where it stands.
     *
     * @param nodeId the id of the session's node
     */
    String key(String nodeId);

    /** What stands there now. */
    byte[] value(String nodeId);
}
