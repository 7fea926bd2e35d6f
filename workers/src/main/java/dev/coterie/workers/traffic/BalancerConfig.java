package dev.coterie.workers.traffic;

import dev.coterie.cluster.concurrent.Backoff;
import java.time.Duration;
import java.util.Optional;

/**
 * Where traffic comes from and how it is spread. Immutable; {@link #of} gives the defaults, each {@code with} a changed
 * copy.
 *
 * @param protocol how data come in
 * @param host the address to listen on, default all; for {@code tcp_client} the server to connect to
 * @param port the port to listen on, 0 for any free one; for {@code tcp_client} the server's; default 5005
 * @param framing how the data of a connection are cut; default as they arrive
 * @param strategy which worker gets the next thing; default each in its turn
 * @param reopen how long to wait before a socket that failed is opened again; default 5 s, half as long again after each
 *     failure; empty for never, so that a failure ends the supervisor
 * @param idle how long a connection that others made may be silent; default 30 s
 */
public record BalancerConfig(
        Protocol protocol,
        String host,
        int port,
        Framing framing,
        Strategy strategy,
        Optional<Backoff> reopen,
        Duration idle) {

    /** The usual port. */
    public static final int DEFAULT_PORT = 5005;

    /** 5 s, then half as long again each time, up to five minutes. */
    public static final Backoff REOPEN = new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5), 1.5, 0);

    /** Checks the numbers. */
    public BalancerConfig {
        boolean out = protocol == Protocol.TCP_CLIENT;
        if (port < (out ? 1 : 0) || port > 65_535) {
            throw new IllegalArgumentException(
                    "port: '" + port + "' will not do; choose one of " + (out ? 1 : 0) + "..65535");
        }
        if (idle.isNegative() || idle.isZero()) {
            throw new IllegalArgumentException("idle: '" + idle + "' will not do; choose more than zero");
        }
    }

    /** The defaults. */
    public static BalancerConfig of(Protocol protocol) {
        String host = protocol == Protocol.TCP_CLIENT ? "127.0.0.1" : "0.0.0.0";
        return new BalancerConfig(
                protocol,
                host,
                DEFAULT_PORT,
                Framing.RAW,
                Strategy.ROUND_ROBIN,
                Optional.of(REOPEN),
                Duration.ofSeconds(30));
    }

    /** The same with another {@code host}. */
    public BalancerConfig withHost(String newHost) {
        return new BalancerConfig(protocol, newHost, port, framing, strategy, reopen, idle);
    }

    /** The same with another {@code port}. */
    public BalancerConfig withPort(int newPort) {
        return new BalancerConfig(protocol, host, newPort, framing, strategy, reopen, idle);
    }

    /** The same with another {@code framing}. */
    public BalancerConfig withFraming(Framing newFraming) {
        return new BalancerConfig(protocol, host, port, newFraming, strategy, reopen, idle);
    }

    /** The same with another {@code strategy}. */
    public BalancerConfig withStrategy(Strategy newStrategy) {
        return new BalancerConfig(protocol, host, port, framing, newStrategy, reopen, idle);
    }

    /** The same with another {@code reopen}. */
    public BalancerConfig withReopen(Optional<Backoff> newReopen) {
        return new BalancerConfig(protocol, host, port, framing, strategy, newReopen, idle);
    }

    /** The same with another {@code idle}. */
    public BalancerConfig withIdle(Duration newIdle) {
        return new BalancerConfig(protocol, host, port, framing, strategy, reopen, newIdle);
    }
}
