package dev.coterie.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a node and etcd, and can be cut. */
final class TcpProxy implements AutoCloseable {

    private volatile URI target;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    TcpProxy(String target) {
        this.target = URI.create(target);
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        run(this::accept);
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** Breaks all connections, and every new one at once. */
    void cut() {
        cut = true;
        open.forEach(TcpProxy::close);
    }

    void heal() {
        cut = false;
    }

    /** Leads elsewhere from now on. */
    void lead(String elsewhere) {
        cut();
        target = URI.create(elsewhere);
        heal();
    }

    @Override
    public void close() {
        cut();
        try {
            server.close();
        } catch (IOException ignored) {
            // It is gone either way.
        }
    }

    private void accept() throws IOException {
        while (!server.isClosed()) {
            Socket near = server.accept();
            if (cut) {
                close(near);
                continue;
            }
            Socket far = new Socket(target.getHost(), target.getPort());
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            open.add(near);
            open.add(far);
            if (cut) {
                cut();
            }
            run(() -> pump(near, far));
            run(() -> pump(far, near));
        }
    }

    private void pump(Socket from, Socket to) throws IOException {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } finally {
            open.remove(from);
            open.remove(to);
            close(from);
            close(to);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void run(Step step) {
        Thread thread = new Thread(() -> {
            try {
                step.run();
            } catch (IOException broken) {
                // That is what it is for.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // It is gone either way.
        }
    }
}
