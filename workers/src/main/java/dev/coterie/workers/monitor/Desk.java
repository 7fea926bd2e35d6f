package dev.coterie.workers.monitor;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coterie.cluster.concurrent.Clock;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Where questions are asked over HTTP. */
final class Desk implements AutoCloseable {

    private static final int THREADS = 4;

    private final HttpServer server;
    private final Streams streams = new Streams(Clock.system());
    private final List<String> paths = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "coterie-monitor");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * Takes the port; nothing is answered before {@link #start()}.
     *
     * @throws BindException if it is taken
     */
    Desk(MonitorConfig config) throws IOException {
        try {
            server = HttpServer.create(new InetSocketAddress(config.host(), config.port()), 0);
        } catch (BindException taken) {
            threads.shutdown();
            BindException named = new BindException("monitor-port: '" + config.port() + "' on " + config.host()
                    + " is taken or not this machine's; end what has it or choose another");
            named.initCause(taken);
            throw named;
        }
        server.setExecutor(threads);
    }

    /** What makes an answer; an {@link IllegalArgumentException} says what is wrong with the question. */
    interface Responder {
        Answer respond(Caller caller) throws IOException;
    }

    /** Has a path answered. */
    void serve(String method, String path, Responder responder) {
        paths.add(method + " " + path);
        server.createContext(path, exchange -> {
            String asked = exchange.getRequestURI().getPath();
            if (!asked.equals(path)) {
                send(exchange, Answer.text(404, "there is no " + asked + "; GET / says what there is\n"));
            } else if (!exchange.getRequestMethod().equals(method)) {
                send(
                        exchange,
                        Answer.text(405, path + " takes " + method + " only\n").with("Allow", method));
            } else {
                send(exchange, answer(responder, new Caller(exchange)));
            }
        });
    }

    /** What is served, such as {@code GET /workers}. */
    List<String> paths() {
        return List.copyOf(paths);
    }

    void start() {
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static Answer answer(Responder responder, Caller caller) throws IOException {
        try {
            return responder.respond(caller);
        } catch (IllegalArgumentException refused) {
            return Answer.text(400, refused.getMessage() + "\n");
        }
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
        Answer.Feed feed = answer.feed();
        if (feed != null && !streams.reserve()) {
            feed.close();
            send(exchange, Answer.text(503, Streams.MOST + " others follow something already; come back later\n"));
            return;
        }
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        if (feed != null) {
            streams.start(exchange, feed);
            return;
        }
        try (exchange) {
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        streams.close();
        server.stop(0);
        threads.shutdown();
    }
}
