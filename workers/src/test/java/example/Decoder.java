package example;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.traffic.BalancerConfig;
import dev.coterie.workers.traffic.Distribution;
import dev.coterie.workers.traffic.LoadBalancer;
import dev.coterie.workers.traffic.Protocol;
import dev.coterie.workers.worker.Worker;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Receives RTCP packets on a UDP port, and lets two workers decode them in turn. */
public final class Decoder {

    public static void main(String[] args) throws IOException {
        if (Worker.isWorker()) {
            decode(Worker.connect());
            return;
        }
        BalancerConfig udp =
                BalancerConfig.of(Protocol.UDP).withHost("127.0.0.1").withPort(Integer.parseInt(args[0]));
        try (Supervisor supervisor = new Supervisor(
                SupervisorConfig.with().name("Decoder").workers(2).build())) {
            LoadBalancer.open(udp, Distribution.USUAL, supervisor);
            supervisor.handleSignals();
            supervisor.start();
            supervisor.awaitEnd();
        }
    }

    private static void decode(Worker worker) {
        worker.onData(datum -> System.err.println(worker.name() + ": " + decoded(datum)));
        worker.run();
    }

    private static String decoded(Datum datum) {
        if (datum.bytes().length < 8) {
            return "no RTCP packet: " + datum.bytes().length + " bytes";
        }
        ByteBuffer packet = ByteBuffer.wrap(datum.bytes());
        int first = packet.get();
        int type = Byte.toUnsignedInt(packet.get());
        int words = Short.toUnsignedInt(packet.getShort());
        return "version " + (first >> 6 & 3) + ", type " + type + ", " + 4 * (words + 1) + " bytes, from source "
                + Integer.toUnsignedString(packet.getInt());
    }

    private Decoder() {}
}
