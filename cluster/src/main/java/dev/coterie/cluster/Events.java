package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Who is told of which events. Subscriptions and events meet on the event loop, so each subscriber hears one story
 * without a gap: first how things stand, then what happens. The telling is done on the callback loop.
 */
final class Events {

    private final EventLoop loop;
    private final EventLoop callbacks;
    private final Supplier<List<DiscoveryEvent>> present;
    private final List<OneSubscription<?>> subscriptions = new ArrayList<>();

    /**
     * Creates it.
     *
     * @param present the events that tell how things stand now, to whom comes late; called on the event loop
     */
    Events(EventLoop loop, EventLoop callbacks, Supplier<List<DiscoveryEvent>> present) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.present = present;
    }

    /** Any thread. */
    <E extends DiscoveryEvent> Subscription on(Class<E> type, Consumer<? super E> handler) {
        OneSubscription<E> subscription = new OneSubscription<>(type, handler);
        loop.execute(() -> {
            subscriptions.add(subscription);
            present.get().forEach(event -> tell(subscription, event));
        });
        return subscription;
    }

    /** Tells what has just happened. On the event loop. */
    void emit(DiscoveryEvent event) {
        subscriptions.forEach(subscription -> tell(subscription, event));
    }

    private void tell(OneSubscription<?> subscription, DiscoveryEvent event) {
        if (subscription.type.isInstance(event)) {
            callbacks.execute(() -> subscription.tell(event));
        }
    }

    private final class OneSubscription<E extends DiscoveryEvent> implements Subscription {

        private final Class<E> type;
        private final Consumer<? super E> handler;
        private volatile boolean closed;

        OneSubscription(Class<E> type, Consumer<? super E> handler) {
            this.type = type;
            this.handler = handler;
        }

        void tell(DiscoveryEvent event) {
            if (!closed) {
                handler.accept(type.cast(event));
            }
        }

        @Override
        public void close() {
            closed = true;
            loop.execute(() -> subscriptions.remove(this));
        }
    }
}
