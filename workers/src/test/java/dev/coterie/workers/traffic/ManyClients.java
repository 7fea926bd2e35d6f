package dev.coterie.workers.traffic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes many connections, sends a line on each, and then reads each one's answer: the files one process may open. */
final class ManyClients {

    private ManyClients() {}

    /**
     * Runs it, and says how many answers were right, and how many each worker has given.
     *
     * @param arguments the port and how many connections
     */
    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        List<SocketChannel> clients = new ArrayList<>();
        for (int number = 0; number < Integer.parseInt(arguments[1]); number++) {
            SocketChannel client = SocketChannel.open(address);
            clients.add(client);
            client.write(ByteBuffer.wrap((number + "\n").getBytes(UTF_8)));
        }
        System.out.println("connected");
        int right = 0;
        Map<String, Integer> shares = new TreeMap<>();
        for (int number = 0; number < clients.size(); number++) {
            ByteBuffer answer = ByteBuffer.allocate(64);
            clients.get(number).read(answer);
            String text = new String(answer.array(), 0, answer.position(), UTF_8);
            right += text.endsWith(" " + number + "\n") ? 1 : 0;
            shares.merge(text.split(" ", 2)[0], 1, Integer::sum);
        }
        System.out.println("right: " + right);
        System.out.println("shares: " + shares.values());
        // Until the other side has seen them all open.
        System.in.read();
    }
}
