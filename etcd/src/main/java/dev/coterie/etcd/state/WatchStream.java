package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.TreeMap;

/** One client's watches, as etcd's Watch call has them: requests in, responses out. On the thread of its {@link EtcdState}. */
public final class WatchStream implements AutoCloseable {

    /** Smaller than every key. */
    private static final ByteString FIRST_KEY = ByteString.copyFrom(new byte[1]);

    private static final long NO_WATCH = -1;

    private final WatchHub hub;
    private final WatchListener listener;
    private final TreeMap<Long, Watcher> watchers = new TreeMap<>();
    private long nextId;
    private long nextTick;

    WatchStream(WatchHub hub, WatchListener listener, long nextTick) {
        this.hub = hub;
        this.listener = listener;
        this.nextTick = nextTick;
    }

    /** Does what the client asks: creates or cancels a watch, or says how far the store is. */
    public void request(WatchRequest request) {
        switch (request.getRequestUnionCase()) {
            case CREATE_REQUEST -> create(request.getCreateRequest());
            case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
            case PROGRESS_REQUEST -> listener.onResponse(response(NO_WATCH).build());
            case REQUESTUNION_NOT_SET -> {
                // etcd takes no notice of it either.
            }
        }
    }

    private void create(WatchCreateRequest request) {
        ByteString key = request.getKey().isEmpty() ? FIRST_KEY : request.getKey();
        KeyRange range = KeyRange.of(key, request.getRangeEnd());
        long wantedId = Extensions.watchId(request);
        if (range.isEmpty()) {
            refuse("mvcc: watcher range is empty");
        } else if (wantedId != 0 && watchers.containsKey(wantedId)) {
            refuse("mvcc: duplicate watch ID provided on the WatchStream");
        } else {
            Watcher watcher = new Watcher(wantedId == 0 ? ownId() : wantedId, range, request, hub, listener);
            watchers.put(watcher.id(), watcher);
            listener.onResponse(response(watcher.id()).setCreated(true).build());
            hub.add(watcher);
        }
    }

    private long ownId() {
        while (watchers.containsKey(nextId)) {
            nextId++;
        }
        return nextId++;
    }

    private void refuse(String reason) {
        listener.onResponse(response(NO_WATCH)
                .setCreated(true)
                .setCanceled(true)
                .setCancelReason(reason)
                .build());
    }

    private void cancel(long id) {
        Watcher watcher = watchers.remove(id);
        if (watcher != null) {
            hub.remove(watcher);
            listener.onResponse(response(id).setCanceled(true).build());
        }
    }

    private WatchResponse.Builder response(long id) {
        return WatchResponse.newBuilder().setHeader(hub.header(hub.revision())).setWatchId(id);
    }

    /** The listener takes responses again; its watches catch up. */
    public void ready() {
        watchers.values().forEach(Watcher::catchUp);
    }

    /** Ends all its watches without a word. */
    @Override
    public void close() {
        watchers.values().forEach(hub::remove);
        watchers.clear();
        hub.remove(this);
    }

    long nextTick() {
        return nextTick;
    }

    void tick(long following) {
        nextTick = following;
        watchers.values().forEach(Watcher::tick);
    }
}
