package dev.coterie.etcd.state;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchCreateRequest.FilterType;
import io.etcd.jetcd.api.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;

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
    /** The first revision that was not told yet. */
    private long next;

    private boolean behind;
    private boolean ended;
    private boolean toldSinceTick;

    Watcher(long id, KeyRange range, WatchCreateRequest request, long first, boolean behind) {
        this.id = id;
        this.range = range;
        this.puts = !request.getFiltersList().contains(FilterType.NOPUT);
        this.deletions = !request.getFiltersList().contains(FilterType.NODELETE);
        this.previous = request.getPrevKv();
        this.fragment = Extensions.fragment(request);
        this.progress = request.getProgressNotify();
        this.next = first;
        this.behind = behind;
    }

    long id() {
        return id;
    }

    KeyRange range() {
        return range;
    }

    /** Tells what a new revision did to its keys, or notes that it could not be told now. */
    void changed(
            long revision, List<Event> events, KeySpace keys, LongFunction<ResponseHeader> header, WatchListener to) {
        if (behind || ended || revision < next) {
            return;
        }
        if (to.isReady()) {
            tell(revision, events, keys, header, to);
        } else {
            behind = true;
        }
    }

    /** Tells what was missed, as far as the listener takes it. */
    void catchUp(KeySpace keys, LongFunction<ResponseHeader> header, WatchListener to) {
        while (behind && !ended && to.isReady()) {
            if (next < keys.compacted()) {
                ended = true;
                to.onResponse(WatchResponse.newBuilder()
                        .setHeader(header.apply(0))
                        .setWatchId(id)
                        .setCanceled(true)
                        .setCompactRevision(keys.compacted())
                        .build());
                return;
            }
            List<Event> missed = new ArrayList<>();
            int revisions = 0;
            long reached = keys.revision();
            for (Map.Entry<Long, List<Event>> change : keys.changesFrom(next).entrySet()) {
                List<Event> mine =
                        change.getValue().stream().filter(this::concerns).toList();
                if (!mine.isEmpty() && ++revisions > REVISIONS_PER_ANSWER) {
                    reached = change.getKey() - 1;
                    break;
                }
                missed.addAll(mine);
            }
            behind = reached < keys.revision();
            if (missed.isEmpty()) {
                next = Math.max(next, reached + 1);
            } else {
                tell(reached, missed, keys, header, to);
            }
        }
    }

    /** Tells how far it is, if it wants that and had nothing else to tell since it was last asked. */
    void tick(long revision, LongFunction<ResponseHeader> header, WatchListener to) {
        if (progress && !toldSinceTick && !behind && !ended && to.isReady()) {
            to.onResponse(WatchResponse.newBuilder()
                    .setHeader(header.apply(revision))
                    .setWatchId(id)
                    .build());
        }
        toldSinceTick = false;
    }

    private boolean concerns(Event event) {
        return range.contains(event.getKv().getKey());
    }

    private void tell(
            long revision, List<Event> events, KeySpace keys, LongFunction<ResponseHeader> header, WatchListener to) {
        next = Math.max(next, revision + 1);
        List<Event> wanted = new ArrayList<>(events.size());
        for (Event event : events) {
            if (event.getType() == Event.EventType.PUT ? puts : deletions) {
                wanted.add(previous ? withPrevious(event, keys) : event);
            }
        }
        if (wanted.isEmpty()) {
            return;
        }
        toldSinceTick = true;
        WatchResponse response = WatchResponse.newBuilder()
                .setHeader(header.apply(revision))
                .setWatchId(id)
                .addAllEvents(wanted)
                .build();
        if (fragment) {
            inPieces(response, to::onResponse);
        } else {
            to.onResponse(response);
        }
    }

    private static Event withPrevious(Event event, KeySpace keys) {
        KeyValue keyValue = event.getKv();
        // Also a key that one revision deletes and creates anew is new.
        boolean isNew =
                event.getType() == Event.EventType.PUT && keyValue.getCreateRevision() == keyValue.getModRevision();
        KeyValue before = isNew ? null : keys.get(keyValue.getKey(), keyValue.getModRevision() - 1);
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
