package dev.coterie.node.bench;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** The second JVM: counts what floods in, sends back what is to be sent back, until its standard input ends. */
final class EchoMain {

    private final Link back;
    private long count;
    private long disorder;
    private long start;

    private EchoMain(Link back) {
        this.back = back;
    }

    /** Takes the port to link back to; prints its own two, for the link and for the bare socket. */
    public static void main(String[] args) throws IOException {
        try (BenchNode node = new BenchNode();
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Link back = node.open(Integer.parseInt(args[0]));
            int port = node.listen(new EchoMain(back)::handle);
            Thread echo = new Thread(() -> echo(socket), "bench-socket");
            echo.setDaemon(true);
            echo.start();
            System.out.println(port + " " + socket.getLocalPort());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    private void handle(Message message) {
        if (message.kind() == BenchNode.PING) {
            BenchNode.send(back, message);
            return;
        }
        if (count == 0) {
            start = Clock.system().nanoTime();
        }
        if (ByteBuffer.wrap(message.payload()).getLong() != count++) {
            disorder++;
        }
        if (count == message.id()) {
            byte[] report = ByteBuffer.allocate(16)
                    .putLong(disorder)
                    .putLong(Clock.system().nanoTime() - start)
                    .array();
            BenchNode.send(back, new Message(BenchNode.REPORT, BenchNode.SUBJECT, 0, report));
            count = 0;
            disorder = 0;
        }
    }

    private static void echo(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.setTcpNoDelay(true);
            InputStream source = socket.getInputStream();
            OutputStream target = socket.getOutputStream();
            byte[] bytes = new byte[1 << 16];
            for (int length = source.read(bytes); length >= 0; length = source.read(bytes)) {
                target.write(bytes, 0, length);
            }
        } catch (IOException gone) {
            System.err.println("The bare socket broke: " + gone.getMessage());
        }
    }
}
