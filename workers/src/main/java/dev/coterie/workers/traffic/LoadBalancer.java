package dev.coterie.workers.traffic;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.workers.io.SocketLoop;
import dev.coterie.workers.link.Items;
import dev.coterie.workers.link.Kind;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.Traffic;
import dev.coterie.workers.supervisor.WorkerProcess;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Receives data and hands each to one worker of a supervisor.
 *
 * <pre>
 * Supervisor supervisor = new Supervisor(SupervisorConfig.with().name("Decoder").build());
 * LoadBalancer balancer = LoadBalancer.open(BalancerConfig.of(Protocol.UDP), Distribution.USUAL, supervisor);
 * supervisor.start();
 * </pre>
 */
public final class LoadBalancer {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BalancerConfig config;
    private final Supervisor supervisor;
    private final EventLoop loop;
    private final Router router;
    private final Source source;
    private int failures;
    private boolean closing;

    private LoadBalancer(BalancerConfig config, Distribution distribution, Supervisor supervisor) {
        this.config = config;
        this.supervisor = supervisor;
        this.loop = supervisor.loop().events();
        this.router = new Router(
                distribution,
                load -> config.strategy().choice(load, loop.random()),
                supervisor::warn,
                parcel -> source().settled(parcel.datum()));
        this.source = make(supervisor.loop());
    }

    /** For the router, which is made first. */
    private Source source() {
        return source;
    }

    private Source make(SocketLoop sockets) {
        return switch (config.protocol()) {
            case UDP -> new UdpSource(sockets, config, router, this::failed);
            case TCP_SERVER -> new TcpServerSource(sockets, config, router, supervisor::warn);
            case TCP_CLIENT ->
                new TcpClientSource(sockets, config, router, supervisor::warn, () -> failures = 0, this::failed);
            case PROXY -> new Proxy(sockets, config, supervisor::countConnection, supervisor::warn);
        };
    }

    /**
     * Opens the socket, and gives what comes to the workers of a supervisor, which has not been started yet.
     *
     * @throws BindException if the port is taken, and is not to be tried again
     * @throws IOException if the socket cannot be opened for another reason, and is not to be tried again
     */
    public static LoadBalancer open(BalancerConfig config, Distribution distribution, Supervisor supervisor)
            throws IOException {
        LoadBalancer balancer = new LoadBalancer(config, distribution, supervisor);
        supervisor.attach(balancer.new Work());
        try {
            CompletableFuture.runAsync(balancer::openFirst, balancer.loop)
                    .orTimeout(PATIENCE.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof java.io.UncheckedIOException refused) {
                throw refused.getCause();
            }
            throw failed;
        }
        return balancer;
    }

    private void openFirst() {
        try {
            source.open();
            opened();
        } catch (IOException refused) {
            IOException named = named(refused);
            if (config.reopen().isEmpty()) {
                throw new java.io.UncheckedIOException(named);
            }
            failed(named);
        }
    }

    private IOException named(IOException refused) {
        if (refused instanceof UnknownHostException) {
            return new IOException(
                    "host: '" + config.host() + "' is not known here; write an address, or another name", refused);
        }
        if (!(refused instanceof BindException)) {
            return refused;
        }
        BindException named = new BindException("port: '" + config.port() + "' on " + config.host()
                + " is taken or not this machine's; end what has it or choose another");
        named.initCause(refused);
        return named;
    }

    private void opened() {
        if (config.protocol() != Protocol.TCP_CLIENT) {
            failures = 0;
        }
    }

    /** The socket is of no more use: another is opened after a while, or that was it. */
    private void failed(Exception reason) {
        if (closing) {
            return;
        }
        if (config.reopen().isEmpty()) {
            supervisor.fail(config.protocol() + ": " + reason.getMessage());
            return;
        }
        Duration delay = config.reopen().get().delay(++failures, loop.random());
        supervisor.warn(
                config.protocol() + ": " + reason.getMessage() + "; opened again after " + delay.toMillis() + " ms");
        loop.schedule(delay, this::reopen);
    }

    private void reopen() {
        if (!closing) {
            try {
                source.open();
                opened();
            } catch (IOException refused) {
                failed(named(refused));
            }
        }
    }

    /** The port that it listens on. Any thread but the supervisor's loop. */
    public int port() {
        return CompletableFuture.supplyAsync(source::port, loop).join();
    }

    /** What the supervisor tells. */
    private final class Work implements Traffic {

        @Override
        public void listening(WorkerProcess worker) {
            if (source instanceof Proxy proxy) {
                proxy.listening(worker);
            } else {
                router.listening(worker);
                source.resume();
            }
        }

        @Override
        public void draining(WorkerProcess worker, Runnable quiet) {
            if (source instanceof Proxy proxy) {
                proxy.draining(worker, quiet);
            } else {
                router.draining(worker, quiet);
            }
        }

        @Override
        public void gone(WorkerProcess worker) {
            if (source instanceof Proxy proxy) {
                proxy.gone(worker);
            } else {
                router.gone(worker);
                source.resume();
            }
        }

        @Override
        public void received(WorkerProcess worker, Kind kind, ByteBuffer content) {
            if (kind == Kind.DONE) {
                router.done(worker);
                source.resume();
            } else {
                Items.read(content, source::reply);
            }
        }

        @Override
        public Map<String, Long> counts() {
            Map<String, Long> all = new TreeMap<>(source.counts());
            if (!(source instanceof Proxy)) {
                all.putAll(router.counts());
            }
            return all;
        }

        @Override
        public void closing() {
            closing = true;
            source.stop();
        }

        @Override
        public void closed() {
            source.close();
        }
    }
}
