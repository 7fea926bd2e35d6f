package dev.coterie.cluster.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Who is told of which events. Subscriptions and events meet on the event loop, so each subscriber hears one story
 * without a gap: first how things stand, then what happens. The telling is done on the callback loop.
 *
 * @param <T> the events' common type
 */
public final class Events<T> {

    private final Executor loop;
    private final Executor callbacks;
    private final Supplier<? extends List<? extends T>> present;
    private final List<OneSubscription<?>> subscriptions = new ArrayList<>();

    /**
     * Creates it.
     *
     * @param loop runs one task at a time, in order
     * @param callbacks as {@code loop}; may be held up by those who are told
     * @param present the events that tell how things stand now, to whom comes late; called on the event loop
     */
    public Events(Executor loop, Executor callbacks, Supplier<? extends List<? extends T>> present) {
        this.loop = loop;
        this.callbacks = callbacks;
        this.present = present;
    }

    /** Tells a handler of all events of a type until it is closed. Any thread. */
    public <E extends T> Subscription on(Class<E> type, Consumer<? super E> handler) {
        OneSubscription<E> subscription = new OneSubscription<>(type, handler);
        loop.execute(() -> {
            subscriptions.add(subscription);
            present.get().forEach(event -> tell(subscription, event));
        });
        return subscription;
    }

    /** Tells what has just happened. On the event loop. */
    public void emit(T event) {
        subscriptions.forEach(subscription -> tell(subscription, event));
    }

    private void tell(OneSubscription<?> subscription, T event) {
        if (subscription.type.isInstance(event)) {
            callbacks.execute(() -> subscription.tell(event));
        }
    }

    private final class OneSubscription<E extends T> implements Subscription {

        private final Class<E> type;
        private final Consumer<? super E> handler;
        private volatile boolean closed;

        OneSubscription(Class<E> type, Consumer<? super E> handler) {
            this.type = type;
            this.handler = handler;
        }

        void tell(T event) {
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
