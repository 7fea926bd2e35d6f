package dev.coterie.machines.faults;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.discovery.Channels.Sent;
import dev.coterie.machines.faults.Happening.Kind;

/** Messages with numbers, to everybody. */
final class MessageTraffic {

    private static final String CHANNEL = "numbers";

    private final Cluster cluster;
    private final Teller teller;
    private final String process;
    private long number;

    /** A message. */
    record Numbered(String process, long number) {}

    MessageTraffic(Cluster cluster, Teller teller, String process) {
        this.cluster = cluster;
        this.teller = teller;
        this.process = process;
    }

    void begin() {
        cluster.channels()
                .join(
                        CHANNEL,
                        Numbered.class,
                        (message, from) -> teller.tell(Kind.HEARD, message.process(), from.id(), message.number()));
    }

    void tick() {
        long mine = ++number;
        teller.tell(Kind.SENT, "", "", mine);
        Sent sent = cluster.channels().send(CHANNEL, new Numbered(process, mine));
        if (sent.missed() > 0) {
            teller.tell(Kind.MISSED, "", "", mine);
        }
    }
}
