package dev.coterie.machines.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Forwards TCP connections to a port of its own host, and everything in them later than it comes, both ways. The kernel
 * here has no netem.
 */
final class Delay {

    private static final int QUEUE = 1000;

    private final long delay;

    private Delay(long millis) {
        this.delay = TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private record Chunk(long due, byte[] bytes) {}

    /** Takes the port on which it listens, the address and port it forwards to, and the delay in milliseconds. */
    public static void main(String[] args) throws IOException {
        Delay proxy = new Delay(Long.parseLong(args[3]));
        try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getByName("0.0.0.0"))) {
            System.out.println("ready");
            System.out.flush();
            while (true) {
                Socket from = server.accept();
                Socket to = new Socket(args[1], Integer.parseInt(args[2]));
                proxy.forward(from, to);
                proxy.forward(to, from);
            }
        }
    }

    private void forward(Socket from, Socket to) {
        LinkedBlockingQueue<Chunk> waiting = new LinkedBlockingQueue<>(QUEUE);
        start(() -> read(from.getInputStream(), waiting), from, to);
        start(() -> write(waiting, to.getOutputStream()), from, to);
    }

    private void read(InputStream in, LinkedBlockingQueue<Chunk> waiting) throws IOException, InterruptedException {
        byte[] buffer = new byte[64 << 10];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            waiting.put(new Chunk(System.nanoTime() + delay, Arrays.copyOf(buffer, read)));
        }
        waiting.put(new Chunk(System.nanoTime() + delay, new byte[0]));
    }

    private static void write(LinkedBlockingQueue<Chunk> waiting, OutputStream out)
            throws IOException, InterruptedException {
        for (Chunk chunk = waiting.take(); chunk.bytes.length > 0; chunk = waiting.take()) {
            TimeUnit.NANOSECONDS.sleep(chunk.due - System.nanoTime());
            out.write(chunk.bytes);
            out.flush();
        }
        throw new IOException("the other side has closed");
    }

    /** One end of a direction. */
    private interface Pump {
        void run() throws IOException, InterruptedException;
    }

    /** When one end is over, the whole connection is. */
    private static void start(Pump pump, Socket one, Socket other) {
        Thread thread = new Thread(() -> {
            try (one;
                    other) {
                pump.run();
            } catch (IOException | InterruptedException over) {
                // Closing both is all there is to do.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
