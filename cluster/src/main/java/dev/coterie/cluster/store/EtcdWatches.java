package dev.coterie.cluster.store;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.store.KeyValueStore.Watch;
import dev.coterie.cluster.store.KeyValueStore.WatchListener;
import dev.coterie.cluster.store.StoreException.Kind;
import io.etcd.jetcd.api.WatchCancelRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All watches of a process on one stream. When the stream breaks, every watch on it ends and its owner opens another:
 * only the owner knows the last revision it has seen. State is touched on the loop only.
 */
final class EtcdWatches {

    /** Makes a member without a leader end the stream instead of keeping it silent. */
    private static final Metadata.Key<String> REQUIRE_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;
    private final EventLoop loop;
    private @Nullable Stream current;

    EtcdWatches(ManagedChannel channel, EventLoop loop) {
        this.channel = channel;
        this.loop = loop;
    }

    Watch open(String prefix, long revision, WatchListener listener) {
        OneWatch watch = new OneWatch(prefix, revision, listener);
        loop.execute(() -> {
            if (watch.ended) {
                return;
            }
            if (current == null) {
                current = new Stream();
            }
            current.create(watch);
        });
        return () -> loop.execute(watch::cancel);
    }

    private static final class OneWatch {

        private final String prefix;
        private final long from;
        private final WatchListener listener;
        private @Nullable Stream stream;
        private long id = -1;
        private boolean ended;

        OneWatch(String prefix, long from, WatchListener listener) {
            this.prefix = prefix;
            this.from = from;
            this.listener = listener;
        }

        void cancel() {
            if (!ended) {
                ended = true;
                if (stream != null && id >= 0) {
                    stream.cancel(this);
                }
            }
        }

        void end(StoreException cause) {
            if (!ended) {
                ended = true;
                listener.ended(cause);
            }
        }

        /** Only a store that is behind what was asked for is news: this one lags, or was restored from a backup. */
        void isOpen(long revision) {
            if (revision < from - 1) {
                listener.changed(revision, List.of());
            }
        }

        void take(WatchResponse response) {
            if (response.getEventsCount() == 0) {
                listener.changed(response.getHeader().getRevision(), List.of());
                return;
            }
            // Not the header's revision: while a watch catches up, that is ahead of events still to come.
            long last =
                    response.getEvents(response.getEventsCount() - 1).getKv().getModRevision();
            listener.changed(
                    last,
                    response.getEventsList().stream().map(EtcdMessages::change).toList());
        }
    }

    /** One gRPC stream and the watches on it. */
    private final class Stream extends ClientCall.Listener<WatchResponse> {

        private final ClientCall<WatchRequest, WatchResponse> call =
                channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        private final Deque<OneWatch> awaitingId = new ArrayDeque<>();
        private final Map<Long, OneWatch> byId = new HashMap<>();

        /** Nothing can be said on it any more: also the threads that would say it may have ended. */
        private volatile boolean over;

        Stream() {
            Metadata headers = new Metadata();
            headers.put(REQUIRE_LEADER, "true");
            call.start(this, headers);
            call.request(1);
        }

        /** etcd answers create requests in their order, and only then tells of changes. */
        void create(OneWatch watch) {
            watch.stream = this;
            awaitingId.add(watch);
            call.sendMessage(EtcdMessages.watch(watch.prefix, watch.from));
        }

        void cancel(OneWatch watch) {
            byId.remove(watch.id);
            if (over) {
                return;
            }
            call.sendMessage(WatchRequest.newBuilder()
                    .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watch.id))
                    .build());
        }

        @Override
        public void onMessage(WatchResponse response) {
            loop.execute(() -> {
                take(response);
                // Asked for only when this one is dealt with: what etcd holds back for us is bounded by flow control.
                if (!over) {
                    call.request(1);
                }
            });
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            over = true;
            loop.execute(() -> {
                if (current == this) {
                    current = null;
                }
                StoreException cause = EtcdErrors.of(
                        "watch", status.isOk() ? Status.UNAVAILABLE.withDescription("ended") : status, false);
                List<OneWatch> lost = new ArrayList<>(byId.values());
                lost.addAll(awaitingId);
                byId.clear();
                awaitingId.clear();
                lost.forEach(watch -> watch.end(cause));
            });
        }

        private void take(WatchResponse response) {
            if (response.getCreated()) {
                created(response);
                return;
            }
            OneWatch watch = byId.get(response.getWatchId());
            if (watch == null) {
                return;
            }
            if (response.getCanceled()) {
                byId.remove(watch.id);
                watch.end(cancelled(response));
            } else if (!watch.ended) {
                watch.take(response);
            }
        }

        private void created(WatchResponse response) {
            OneWatch watch = awaitingId.poll();
            if (watch == null) {
                call.cancel("an answer nobody asked for", null);
                return;
            }
            if (response.getCanceled()) {
                watch.end(cancelled(response));
                return;
            }
            watch.id = response.getWatchId();
            if (watch.ended) {
                cancel(watch);
            } else {
                byId.put(watch.id, watch);
                watch.isOpen(response.getHeader().getRevision());
            }
        }
    }

    private static StoreException cancelled(WatchResponse response) {
        if (response.getCompactRevision() > 0) {
            return StoreException.compacted(
                    response.getCompactRevision(),
                    "etcd: watch: revisions before " + response.getCompactRevision() + " are compacted");
        }
        return new StoreException(
                response.getCancelReason().contains("no leader") ? Kind.UNAVAILABLE : Kind.REFUSED,
                "etcd: watch: cancelled: " + response.getCancelReason());
    }
}
