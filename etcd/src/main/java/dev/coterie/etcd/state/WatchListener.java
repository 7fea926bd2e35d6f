package dev.coterie.etcd.state;

import io.etcd.jetcd.api.WatchResponse;

/**
 * Receives what a {@link WatchStream} has to tell. Called from within the {@link EtcdState}'s methods, into which it must
 * not call back.
 */
public interface WatchListener {

    /** Takes a response. */
    void onResponse(WatchResponse response);

    /**
     * Whether it takes responses now. While it does not, nothing piles up: its watches read what they missed from the
     * history when {@link WatchStream#ready()} says that it does again.
     */
    default boolean isReady() {
        return true;
    }
}
