package dev.coterie.etcd.state;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchCreateRequest.FilterType;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One watch of a stream: what it is about, and how far it has told. */
final class Watcher {

    /** How many revisions go into one answer when there is much to catch up on. */
    private static final int REVISIONS_PER_ANSWER = 1000;

    /** What etcd's gRPC server sends at most in one piece: a request of the largest size, and half a megabyte more. */
    static final int MAX_ANSWER = Rules.MAX_REQUEST + (512 << 10);

    private final long id;
    private final KeyRange range;
    private final boolean puts;
    private final boolean deletions;
    private final boolean previous;
    private final boolean fragment;
    private final boolean progress;
    private final WatchHub hub;
    private final WatchListener listener;
    /** The first revision that was not told yet. */
    private long next;

    private boolean behind;
    private boolean ended;
    private boolean toldSinceTick;

    Watcher(long id, KeyRange range, WatchCreateRequest request, WatchHub hub, WatchListener listener) {
        this.id = id;
        this.range = range;
        this.puts = !request.getFiltersList().contains(FilterType.NOPUT);
        this.deletions = !request.getFiltersList().contains(FilterType.NODELETE);
        this.previous = request.getPrevKv();
        this.fragment = Extensions.fragment(request);
        this.progress = request.getProgressNotify();
        this.hub = hub;
        this.listener = listener;
        this.next = request.getStartRevision() == 0 ? hub.revision() + 1 : request.getStartRevision();
        this.behind = next <= hub.revision();
    }

    long id() {
        return id;
    }

    KeyRange range() {
        return range;
    }

    /** Tells what the last revision did to its keys, or notes that it could not be told now. */
    void changed(List<Event> events) {
        if (behind || ended || hub.revision() < next) {
            return;
        }
        if (listener.isReady()) {
            next = hub.revision() + 1;
            tell(events);
        } else {
            behind = true;
        }
    }

    /** Tells what was missed, as far as the listener takes it. */
    void catchUp() {
        while (behind && !ended && listener.isReady()) {
            if (next < hub.keys().compacted()) {
                endCompacted();
                return;
            }
            List<Event> missed = new ArrayList<>();
            long reached = collect(missed);
            next = Math.max(next, reached + 1);
            behind = reached < hub.revision();
            if (!missed.isEmpty()) {
                tell(missed);
            }
        }
    }

    private void endCompacted() {
        ended = true;
        listener.onResponse(WatchResponse.newBuilder()
                .setHeader(hub.header(0))
                .setWatchId(id)
                .setCanceled(true)
                .setCompactRevision(hub.keys().compacted())
                .build());
    }

    /** Collects what was missed, but for what is too much for one answer; gives the last revision that was looked at. */
    private long collect(List<Event> missed) {
        int revisions = 0;
        for (Map.Entry<Long, List<Event>> change : hub.keys().changesFrom(next).entrySet()) {
            List<Event> mine = change.getValue().stream()
                    .filter(event -> range.contains(event.getKv().getKey()))
                    .toList();
            if (!mine.isEmpty() && ++revisions > REVISIONS_PER_ANSWER) {
                return change.getKey() - 1;
            }
            missed.addAll(mine);
        }
        return hub.revision();
    }

    /** Tells how far it is, if it wants that and had nothing else to tell since it was last asked. */
    void tick() {
        if (progress && !toldSinceTick && !behind && !ended && listener.isReady()) {
            listener.onResponse(WatchResponse.newBuilder()
                    .setHeader(hub.header(hub.revision()))
                    .setWatchId(id)
                    .build());
        }
        toldSinceTick = false;
    }

    /** Says nothing any more. */
    void end() {
        ended = true;
    }

    /** The header has the store's revision, as in etcd also when the events of later revisions are still to come. */
    private void tell(List<Event> events) {
        List<Event> wanted = new ArrayList<>(events.size());
        for (Event event : events) {
            if (event.getType() == Event.EventType.PUT ? puts : deletions) {
                wanted.add(previous ? withPrevious(event) : event);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        toldSinceTick = true;
        WatchResponse response = WatchResponse.newBuilder()
                .setHeader(hub.header(hub.revision()))
                .setWatchId(id)
                .addAllEvents(wanted)
                .build();
        if (fragment) {
            inPieces(response, listener::onResponse);
        } else {
            listener.onResponse(response);
        }
    }

    private Event withPrevious(Event event) {
        KeyValue keyValue = event.getKv();
        // Also a key that one revision deletes and creates anew is new.
        boolean isNew =
                event.getType() == Event.EventType.PUT && keyValue.getCreateRevision() == keyValue.getModRevision();
        KeyValue before = isNew ? null : hub.keys().get(keyValue.getKey(), keyValue.getModRevision() - 1);
        return before == null ? event : event.toBuilder().setPrevKv(before).build();
    }

    /** Sends a response that is too large for one message as several; a single event is never divided. */
    static void inPieces(WatchResponse response, Consumer<WatchResponse> to) {
        if (response.getSerializedSize() < MAX_ANSWER) {
            to.accept(response);
            return;
        }
        WatchResponse empty =
                Extensions.moreFollows(response.toBuilder().clearEvents().build());
        WatchResponse.Builder piece = empty.toBuilder();
        int size = empty.getSerializedSize();
        for (Event event : response.getEventsList()) {
            int more = CodedOutputStream.computeMessageSize(WatchResponse.EVENTS_FIELD_NUMBER, event);
            if (piece.getEventsCount() > 0 && size + more >= MAX_ANSWER) {
                to.accept(piece.build());
                piece = empty.toBuilder();
                size = empty.getSerializedSize();
            }
            piece.addEvents(event);
            size += more;
        }
        to.accept(piece.setUnknownFields(UnknownFieldSet.getDefaultInstance()).build());
    }
}
