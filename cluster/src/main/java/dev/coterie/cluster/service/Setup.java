package dev.coterie.cluster.service;

import dev.coterie.cluster.service.ServiceExplanation.Failure;
import dev.coterie.cluster.service.ServiceExplanation.Known;
import dev.coterie.cluster.service.ServiceExplanation.State;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where one instance stands; the {@link Board} moves it on. */
final class Setup {

    final Offers offers;
    Instance instance;
    State state = State.NOT_READY;
    Instant since;

    /** Whether it can be used. Stays so while hooks that came late are called. */
    boolean active;

    int hooksDone;
    int attempts;

    /** Tells the present call of a hook from those given up; 0 if none is under way. */
    long ticket;

    /** On the monotonic clock: when the call has taken too long, or is to be repeated. */
    long due;

    @Nullable
    Instant retryAt;

    @Nullable
    Failure lastFailure;

    Setup(Offers offers, Instance instance, Instant now) {
        this.offers = offers;
        this.instance = instance;
        this.since = now;
    }

    void enter(State next, Instant now) {
        state = next;
        since = now;
        ticket = 0;
        retryAt = null;
    }

    /** Whether time alone will move it on. */
    boolean waits() {
        return state == State.SETTING_UP || state == State.RETRYING;
    }

    Known known() {
        return new Known(
                instance.member().id(),
                state,
                active,
                since,
                hooksDone,
                attempts,
                retryAt,
                null,
                instance.service().info(),
                lastFailure);
    }
}
