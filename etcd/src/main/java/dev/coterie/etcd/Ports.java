package dev.coterie.etcd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.random.RandomGenerator;

/** Loopback ports that nobody listens on. */
final class Ports {

    /**
     * Below the range from which Linux and macOS take the ports of outgoing connections: a client that tries to reconnect
     * to a server that is down could otherwise be given the server's own port, and the server could not come back.
     */
    private static final int LOWEST = 12_000;

    private static final int HIGHEST = 32_000;

    private Ports() {}

    /** A port that is free now; somebody may take it a moment later. */
    static int free(RandomGenerator random) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = random.nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new EtcdException(
                EtcdException.Kind.PORT_TAKEN, "no free port between " + LOWEST + " and " + HIGHEST + " on 127.0.0.1");
    }

    /** Whether nobody listens there now. */
    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
