package dev.coterie.node.console;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.LinkException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP on a port of its own, for the console and whatever else a node has to tell. Handlers may be added at any time, by
 * path: {@code /api/members} is that path alone, {@code /api/explain/} all below it. Any thread.
 */
public final class WebServer implements AutoCloseable {

    /** As many requests as are answered at a time, streams included. */
    private static final int MOST_THREADS = 64;

    /** As many as wait for their turn; whose come then are dropped. */
    private static final int MOST_WAITING = 256;

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    static {
        // Else the end of an answer waits for the other end's acknowledgement, which takes its time.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final Logger log = LoggerFactory.getLogger(WebServer.class);

    private final ConsoleConfig config;
    private final Gate gate;
    private final HttpServer server;
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads = threads();

    /** Who answers a path, by method, and whether to everybody. */
    private record Route(Map<String, Handler> handlers, boolean open) {}

    /**
     * Listens; {@link #start} begins to answer.
     *
     * @throws LinkException if the port is taken, or the address is not this machine's
     */
    public WebServer(ConsoleConfig config) {
        this.config = config;
        this.gate = new Gate(config.token());
        this.server = listen(config);
        server.setExecutor(threads);
        server.createContext("/", this::take);
    }

    /** Made when they are needed, gone when they are not. */
    private static ThreadPoolExecutor threads() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MOST_THREADS, MOST_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WAITING), task -> {
                    Thread thread = new Thread(task, "coterie-console");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static HttpServer listen(ConsoleConfig config) {
        try {
            return HttpServer.create(new InetSocketAddress(config.address(), config.port()), 0);
        } catch (BindException taken) {
            if (config.fallback()) {
                return listen(new ConsoleConfig(
                        config.address(), 0, false, config.token(), config.write(), config.monitors()));
            }
            boolean elsewhere = String.valueOf(taken.getMessage()).contains("assign");
            throw new LinkException(
                    elsewhere ? Kind.NOT_LOCAL : Kind.PORT_TAKEN,
                    elsewhere
                            ? "console-address: '" + config.address() + "' is not this machine's; choose one that is"
                            : "console-port: '" + config.port() + "' on " + config.address()
                                    + " is taken; end what has it, or choose another port, or 0 for any",
                    taken);
        } catch (SocketException refused) {
            throw new LinkException(
                    Kind.PORT_TAKEN,
                    "console-port: '" + config.port() + "' may not be used (" + refused.getMessage()
                            + "); choose one above 1023, or 0 for any",
                    refused);
        } catch (IOException failure) {
            throw new LinkException(Kind.BROKEN, "console-port: cannot listen: " + failure.getMessage(), failure);
        }
    }

    /** Answers GET requests for a path, of those who may ask. */
    public WebServer get(String path, Handler handler) {
        return add("GET", path, handler, false);
    }

    /** Answers POST requests for a path, of those who may ask. */
    public WebServer post(String path, Handler handler) {
        return add("POST", path, handler, false);
    }

    /** Answers GET requests for a path of everybody, as a health check needs it. */
    public WebServer open(String path, Handler handler) {
        return add("GET", path, handler, true);
    }

    private WebServer add(String method, String path, Handler handler, boolean open) {
        routes.compute(path, (key, before) -> {
            Map<String, Handler> handlers = new TreeMap<>(before == null ? Map.of() : before.handlers());
            handlers.put(method, handler);
            return new Route(handlers, open);
        });
        return this;
    }

    /** Begins to answer, which every node's page and whoever logs in needs. */
    public WebServer start() {
        add("POST", "/api/login", this::logIn, true);
        server.start();
        return this;
    }

    /** What is answered, each as its method and path. */
    Set<String> paths() {
        Set<String> paths = new TreeSet<>();
        routes.forEach((path, route) -> route.handlers().keySet().forEach(method -> paths.add(method + " " + path)));
        return paths;
    }

    /** How it was made. */
    ConsoleConfig config() {
        return config;
    }

    /** What a browser is told. */
    public String url() {
        InetSocketAddress address = server.getAddress();
        String host = address.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : address.getAddress().getHostAddress();
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort() + "/";
    }

    /** Stops answering; streams end. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private record Login(String token) {}

    private Answer logIn(Request request) throws IOException {
        if (!gate.opensFor(String.valueOf(request.body(Login.class).token()))) {
            throw new Refused(401, "token: it is wrong; it stands in the file that console-token-file names");
        }
        return Answer.json(Map.of()).with("Set-Cookie", gate.cookie());
    }

    private void take(HttpExchange exchange) {
        try (exchange) {
            send(exchange, answer(exchange));
        } catch (IOException gone) {
            log.debug("Whoever asked for {} has gone", exchange.getRequestURI(), gone);
        }
    }

    private Answer answer(HttpExchange exchange) {
        String path = exchange.getRequestURI().getRawPath();
        try {
            String known = match(path).orElse("");
            Route route = routes.get(known);
            gate.check(exchange, route != null && route.open());
            if (route == null) {
                throw new Refused(404, "path: there is no '" + path + "'");
            }
            Handler handler = route.handlers().get(exchange.getRequestMethod());
            if (handler == null) {
                String allowed = String.join(", ", route.handlers().keySet());
                return Answer.error(405, "method: '" + path + "' takes " + allowed + " only")
                        .with("Allow", allowed);
            }
            return handler.answer(new Request(exchange, known));
        } catch (Refused refused) {
            return Answer.error(refused.status(), String.valueOf(refused.getMessage()));
        } catch (IOException | RuntimeException failure) {
            log.warn("{} could not be answered", path, failure);
            return Answer.error(500, "this could not be answered; the node's log says why");
        }
    }

    /** The path itself, or the longest one above it that was added with a slash at its end. */
    private Optional<String> match(String path) {
        if (routes.containsKey(path)) {
            return Optional.of(path);
        }
        for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
            String above = path.substring(0, slash + 1);
            if (routes.containsKey(above)) {
                return Optional.of(above);
            }
        }
        return Optional.empty();
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", answer.type());
        headers.set("Cache-Control", "no-store");
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        answer.headers().forEach(headers::set);
        try {
            exchange.sendResponseHeaders(answer.status(), 0);
        } catch (IOException gone) {
            answer.body().abandon();
            throw gone;
        }
        try (OutputStream out = exchange.getResponseBody()) {
            answer.body().writeTo(out);
        }
    }
}
