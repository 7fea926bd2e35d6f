package dev.coterie.bench.systems;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Tasks;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one writes by hand on etcd with jetcd: the server's own election, the algorithm of Go's {@code concurrency.Election};
 * keys on leases as registrations; a watch of their prefix; tasks claimed by transactions.
 */
public final class JetcdPeer implements Peer {

    private static final String NODES = "/nodes/";

    @Override
    public Map<String, Map<String, String>> profiles() {
        return Map.of(
                // jetcd has no default; Go's concurrency.NewSession has 60 s.
                "default", Map.of("ttl", "60"),
                "ttl5", Map.of("ttl", "5"),
                // The least that etcd grants with its default election timeout.
                "fast", Map.of("ttl", "2"));
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        return EtcdServer.start(dir);
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) throws Exception {
        Client client = Client.builder().endpoints(address).build();
        // It connects when first asked something.
        client.getKVClient().get(bytes("/")).get();
        return new JetcdNode(client, id, Long.parseLong(options.getOrDefault("ttl", "5")));
    }

    static ByteSequence bytes(String text) {
        return ByteSequence.from(text, UTF_8);
    }

    private static final class JetcdNode implements Node {

        private static final int VALUE_SIZE = 40;
        private static final long AGAIN_MILLIS = 200;

        private final Client client;
        private final String id;
        private final long ttl;
        private final List<Long> leases = new CopyOnWriteArrayList<>();
        private final Map<String, Long> registered = new ConcurrentHashMap<>();
        private volatile @Nullable LeaderKey leaderKey;
        private volatile boolean closed;

        JetcdNode(Client client, String id, long ttl) {
            this.client = client;
            this.id = id;
            this.ttl = ttl;
        }

        /** A lease that the client keeps alive. */
        private long lease(Runnable lost) throws InterruptedException, ExecutionException {
            long lease = client.getLeaseClient().grant(ttl).get().getID();
            leases.add(lease);
            client.getLeaseClient().keepAlive(lease, new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveResponse response) {
                    if (response.getTTL() <= 0) {
                        lost.run();
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    lost.run();
                }

                @Override
                public void onCompleted() {
                    lost.run();
                }
            });
            return lease;
        }

        @Override
        public void register(String name) throws Exception {
            registered.put(name, lease(() -> {}));
            put(name);
        }

        @Override
        public void update(String name) throws Exception {
            put(name);
        }

        private void put(String name) throws InterruptedException, ExecutionException {
            PutOption onLease = PutOption.builder()
                    .withLeaseId(registered.getOrDefault(name, 0L))
                    .build();
            client.getKVClient()
                    .put(bytes(NODES + name), ByteSequence.from(new byte[VALUE_SIZE]), onLease)
                    .get();
        }

        @Override
        public void members(BiConsumer<String, Boolean> listener) throws Exception {
            ByteSequence prefix = bytes(NODES);
            GetResponse now = client.getKVClient()
                    .get(prefix, GetOption.builder().isPrefix(true).build())
                    .get();
            now.getKvs().forEach(key -> listener.accept(name(key), true));
            WatchOption option = WatchOption.builder()
                    .isPrefix(true)
                    .withRevision(now.getHeader().getRevision() + 1)
                    .build();
            client.getWatchClient()
                    .watch(
                            prefix,
                            option,
                            response -> response.getEvents()
                                    .forEach(event -> listener.accept(
                                            name(event.getKeyValue()),
                                            event.getEventType() == WatchEvent.EventType.PUT)));
        }

        private static String name(KeyValue key) {
            return key.getKey().toString(UTF_8).substring(NODES.length());
        }

        @Override
        public void campaign(Consumer<Boolean> listener) throws Exception {
            attempt(listener);
        }

        /** One lease's candidacy. If that lease is lost, by a stall longer than its TTL, the next one follows. */
        private void attempt(Consumer<Boolean> listener) throws InterruptedException, ExecutionException {
            AtomicBoolean over = new AtomicBoolean();
            Runnable lost = () -> {
                if (!closed && over.compareAndSet(false, true)) {
                    lost(listener);
                }
            };
            long lease = lease(lost);
            var unused = client.getElectionClient()
                    .campaign(bytes("/master"), lease, bytes(id))
                    .whenComplete((won, failure) -> {
                        if (failure != null) {
                            lost.run();
                        } else if (!over.get()) {
                            leaderKey = won.getLeader();
                            listener.accept(true);
                        }
                    });
        }

        private void lost(Consumer<Boolean> listener) {
            if (leaderKey != null) {
                listener.accept(false);
            }
            leaderKey = null;
            CompletableFuture.delayedExecutor(AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        try {
                            attempt(listener);
                        } catch (InterruptedException | ExecutionException failure) {
                            throw new IllegalStateException(failure);
                        }
                    });
        }

        @Override
        public void leave() throws Exception {
            closed = true;
            LeaderKey key = leaderKey;
            leaderKey = null;
            if (key != null) {
                client.getElectionClient().resign(key).get();
            }
            for (long lease : leases) {
                client.getLeaseClient().revoke(lease).get();
            }
            client.close();
        }

        @Override
        public Tasks tasks(String queue) throws Exception {
            return new JetcdTasks(client, queue, id, lease(() -> {}));
        }
    }
}
