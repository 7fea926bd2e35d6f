package dev.coterie.node.metrics;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Discovery;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Whether a node is alive, and whether it is a member that can take part. Alive means that its loop takes tasks: one that
 * does not is to be restarted. Ready means that it has a session that stands.
 */
public final class Health {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Discovery node;
    private final EventLoop loop;

    /** Of a node, on whose loop the application runs. */
    public Health(Discovery node, EventLoop loop) {
        this.node = node;
        this.loop = loop;
    }

    /** An answer: whether all is well, and what there is to say. */
    public record Answer(boolean well, Map<String, Object> facts) {}

    /** Whether it is alive. */
    public Answer alive() {
        CompletableFuture<Boolean> turn = new CompletableFuture<>();
        loop.execute(() -> turn.complete(true));
        boolean alive = turn.completeOnTimeout(false, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        return answer(alive, alive ? "alive" : "its loop has not taken a task for " + PATIENCE.toSeconds() + " s");
    }

    /** Whether it is a member. */
    public Answer ready() {
        boolean member = node.view().member(node.self().id()).isPresent();
        boolean session = !(node instanceof Cluster cluster)
                || !cluster.sessionRemaining().isZero();
        String says = member ? "ready" : "it is not among the members it sees";
        return answer(member && session, session ? says : "it has no session");
    }

    private Answer answer(boolean well, String says) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("status", well ? "up" : "down");
        facts.put("says", says);
        facts.put("node", node.self().id());
        return new Answer(well, facts);
    }
}
