package dev.coterie.bench.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** Ports on loopback. */
public final class Ports {

    private Ports() {}

    /** One that nothing listens on. */
    public static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Waits until something listens.
     *
     * @param process what is to listen
     * @throws IOException if it has ended, or nothing listens in time
     */
    public static void await(int port, Process process, long seconds) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() < end && process.isAlive()) {
            if (isOpen(port)) {
                return;
            }
            Thread.sleep(50);
        }
        String ended = process.isAlive() ? "" : ": the server has ended, see its log";
        throw new IOException("nothing listens on port " + port + ended);
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }
}
