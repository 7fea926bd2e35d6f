package example;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.supervisor.WorkerProcess;
import dev.coterie.workers.traffic.BalancerType;
import dev.coterie.workers.traffic.Distribution;
import dev.coterie.workers.traffic.Flag;
import dev.coterie.workers.traffic.Flags;
import dev.coterie.workers.traffic.Strategy;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A type of balancer of one's own: all RTCP packets of one source go to the same worker. It is found by its line in
 * META-INF/services, and then used with {@code -type rtcp}.
 */
public final class RtcpType implements BalancerType {

    @Override
    public String name() {
        return "rtcp";
    }

    @Override
    public String help() {
        return "all RTCP packets of a source go to the same worker";
    }

    @Override
    public List<Flag> flags(List<Flag> usual) {
        return Flags.extended(
                usual,
                Flag.of("source-at", "BYTE", "4", "where in a packet its source stands"),
                Flag.of("workername", "NAME", "Decoder", "what a worker is called, before its number"));
    }

    @Override
    public Distribution distribution(Flags flags) {
        int at = flags.number("source-at", 0, 1000);
        return new Distribution() {
            @Override
            public WorkerProcess distribute(Datum datum, List<WorkerProcess> workers, Strategy.Choice usual) {
                if (datum.bytes().length < at + Integer.BYTES) {
                    return usual.choose(datum.remote(), workers);
                }
                int source = ByteBuffer.wrap(datum.bytes()).getInt(at);
                return workers.get(Math.floorMod(source, workers.size()));
            }
        };
    }
}
