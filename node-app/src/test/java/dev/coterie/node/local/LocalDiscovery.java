package dev.coterie.node.local;

import dev.coterie.cluster.discovery.Channels;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.cluster.discovery.View;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node of a {@link LocalCluster}. */
public final class LocalDiscovery implements Discovery, Channels {

    private final LocalCluster cluster;
    private final List<Consumer<DiscoveryEvent>> callbacks = new ArrayList<>();
    private final Map<String, BiConsumer<Object, Member>> joined = new HashMap<>();
    private Member self;
    private @Nullable Held held;
    boolean dead;

    LocalDiscovery(LocalCluster cluster, Member self) {
        this.cluster = cluster;
        this.self = self;
    }

    /** The channels this node hears. */
    public List<String> joined() {
        return joined.keySet().stream().sorted().toList();
    }

    /** This node holds a mastership that it must not use: its session may have run out. */
    public void doubt() {
        if (held != null) {
            held.valid = false;
        }
    }

    void tell(DiscoveryEvent event) {
        callbacks.forEach(callback -> cluster.loop.execute(() -> {
            if (!dead) {
                callback.accept(event);
            }
        }));
    }

    void crown(long term) {
        held = new Held(term);
        tell(new DiscoveryEvent.Promoted(self, held));
    }

    void depose() {
        Held lost = held;
        held = null;
        if (lost != null) {
            lost.valid = false;
            tell(new DiscoveryEvent.Demoted(self, lost, "test"));
        }
    }

    void rename(String id) {
        self = self.withId(id);
    }

    @Override
    public Member self() {
        return self;
    }

    @Override
    public View view() {
        return cluster.view();
    }

    @Override
    public List<Member> masters() {
        return cluster.master().map(LocalDiscovery::self).stream().toList();
    }

    @Override
    public Optional<Mastership> mastership() {
        return Optional.ofNullable(held);
    }

    @Override
    public <E extends DiscoveryEvent> Subscription on(Class<E> type, Consumer<? super E> handler) {
        Consumer<DiscoveryEvent> callback = event -> {
            if (type.isInstance(event)) {
                handler.accept(type.cast(event));
            }
        };
        callbacks.add(callback);
        return () -> callbacks.remove(callback);
    }

    @Override
    public Channels channels() {
        return this;
    }

    @Override
    public <T> CompletionStage<Void> join(String channel, Class<T> type, BiConsumer<T, Member> handler) {
        if (joined.putIfAbsent(channel, (payload, from) -> handler.accept(type.cast(payload), from)) != null) {
            throw new IllegalStateException(channel + " is joined already");
        }
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> leave(String channel) {
        joined.remove(channel);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public Sent send(String channel, Object payload) {
        int[] queued = {0};
        Member from = self;
        cluster.others(this, node -> {
            if (!dead && node.joined.containsKey(channel)) {
                queued[0]++;
                cluster.loop.execute(() -> node.deliver(channel, payload, from));
            }
        });
        return new Sent(queued[0], 0);
    }

    private void deliver(String channel, Object payload, Member from) {
        BiConsumer<Object, Member> handler = joined.get(channel);
        if (handler != null && !dead) {
            handler.accept(payload, from);
        }
    }

    @Override
    public Sent send(String channel, Object payload, Duration patience) {
        return send(channel, payload);
    }

    @Override
    public <Q, R> CompletionStage<Void> respond(String channel, Class<Q> type, BiFunction<Q, Member, R> responder) {
        throw new UnsupportedOperationException("no test needs it");
    }

    @Override
    public <R> CompletionStage<R> request(
            String channel, Member member, Object payload, Class<R> answerType, Duration deadline) {
        throw new UnsupportedOperationException("no test needs it");
    }

    @Override
    public CompletionStage<Void> promote() {
        cluster.elect(this);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<Void> promote(Member member) {
        throw new UnsupportedOperationException("no test needs it");
    }

    @Override
    public CompletionStage<Void> demote(boolean permanent) {
        throw new UnsupportedOperationException("no test needs it");
    }

    @Override
    public CompletionStage<Void> advertise(Map<String, Object> info) {
        throw new UnsupportedOperationException("no test needs it");
    }

    @Override
    public CompletionStage<Void> advertise(List<Service> services) {
        throw new UnsupportedOperationException("no test needs it");
    }

    @Override
    public void close() {
        cluster.kill(this);
    }

    private static final class Held implements Mastership {
        private final long term;
        private boolean valid = true;

        Held(long term) {
            this.term = term;
        }

        @Override
        public int slot() {
            return 0;
        }

        @Override
        public long term() {
            return term;
        }

        @Override
        public boolean isValid() {
            return valid;
        }
    }
}
