package dev.coterie.cluster;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sees every revision of {@code masters/} from one on, by a watch that knows nothing of the library. */
final class SlotWitness implements AutoCloseable {

    private static final Pattern NODE = Pattern.compile("\"node\":\"([^\"]+)\"");

    private final int most;
    private final ManagedChannel channel;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    /** What the slots were at the revision seen last. Touched by the stream only. */
    private final Map<String, KeyValue> slots = new HashMap<>();

    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicInteger deletions = new AtomicInteger();

    SlotWitness(List<String> etcd, int most, long from) {
        this.most = most;
        URI first = URI.create(etcd.get(0));
        channel = NettyChannelBuilder.forAddress(first.getHost(), first.getPort())
                .usePlaintext()
                .build();
        WatchGrpc.newStub(channel)
                .watch(new Eye())
                .onNext(WatchRequest.newBuilder()
                        .setCreateRequest(WatchCreateRequest.newBuilder()
                                .setKey(ByteString.copyFromUtf8("masters/"))
                                .setRangeEnd(ByteString.copyFromUtf8("masters0"))
                                .setStartRevision(from))
                        .build());
    }

    /** What should never have been. */
    List<String> violations() {
        return violations;
    }

    int writes() {
        return writes.get();
    }

    int deletions() {
        return deletions.get();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private final class Eye implements StreamObserver<WatchResponse> {

        @Override
        public void onNext(WatchResponse response) {
            TreeMap<Long, Map<String, Event>> revisions = new TreeMap<>();
            for (Event event : response.getEventsList()) {
                revisions
                        .computeIfAbsent(event.getKv().getModRevision(), none -> new HashMap<>())
                        .put(event.getKv().getKey().toStringUtf8(), event);
            }
            revisions.forEach(this::revision);
        }

        private void revision(long revision, Map<String, Event> events) {
            events.forEach((key, event) -> {
                if (event.getType() == Event.EventType.DELETE) {
                    deletions.incrementAndGet();
                    slots.remove(key);
                } else {
                    writes.incrementAndGet();
                    slots.put(key, event.getKv());
                }
            });
            long nodes = slots.values().stream().map(this::node).distinct().count();
            long leases =
                    slots.values().stream().map(KeyValue::getLease).distinct().count();
            if (slots.size() > most || nodes < slots.size() || leases < slots.size()) {
                violations.add("revision " + revision + ": " + slots);
            }
        }

        private String node(KeyValue slot) {
            Matcher matcher = NODE.matcher(slot.getValue().toStringUtf8());
            return matcher.find() ? matcher.group(1) : "";
        }

        @Override
        public void onError(Throwable failure) {
            if (!channel.isShutdown()) {
                violations.add("the watch ended: " + failure);
            }
        }

        @Override
        public void onCompleted() {
            violations.add("the watch ended");
        }
    }
}
