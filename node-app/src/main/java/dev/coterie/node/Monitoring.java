package dev.coterie.node;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.node.console.Answer;
import dev.coterie.node.console.WebServer;
import dev.coterie.node.metrics.Health;
import dev.coterie.node.metrics.Metrics;
import java.nio.charset.StandardCharsets;

/** What a node shows to machines on its console's port: metrics to those who may ask, health to everybody. */
final class Monitoring {

    /** Prometheus' text format, as its scrapers ask for it. */
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private Monitoring() {}

    /** Adds {@code /metrics}, {@code /health} and {@code /ready}. */
    static void add(WebServer server, Metrics metrics, Discovery node, EventLoop loop) {
        metrics.of(node);
        Health health = new Health(node, loop);
        server.get("/metrics", request -> Answer.of(200, TYPE, metrics.scrape().getBytes(StandardCharsets.UTF_8)));
        server.open("/health", request -> answer(health.alive()));
        server.open("/ready", request -> answer(health.ready()));
    }

    private static Answer answer(Health.Answer answer) {
        return Answer.json(answer.well() ? 200 : 503, answer.facts());
    }
}
