package dev.coterie.workers.worker;

import dev.coterie.workers.io.FrameSocket;
import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Items;
import dev.coterie.workers.link.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers to data on their way to the supervisor: many go into a frame, and a long one into several. On the loop only. */
final class Replies {

    private static final Logger log = LoggerFactory.getLogger(Replies.class);

    /** While more waits to be sent, replies are dropped. */
    private static final long MOST_UNSENT = 64L * 1024 * 1024;

    private static final int PER_FRAME = 128 * 1024;

    private final FrameSocket link;
    private final List<Datum> gathered = new ArrayList<>();
    private int bytes;

    Replies(FrameSocket link) {
        this.link = link;
    }

    /** Adds one, whole or, if there is no room for it, not at all. It goes with the next {@link #flush()} at the latest. */
    void add(Datum reply) {
        if (link.waiting() > MOST_UNSENT) {
            log.warn("A reply of {} bytes was dropped: the supervisor does not take them", reply.bytes().length);
            return;
        }
        byte[] all = reply.bytes();
        if (all.length <= PER_FRAME) {
            gather(reply);
            return;
        }
        for (int at = 0; at < all.length; at += PER_FRAME) {
            byte[] piece = Arrays.copyOfRange(all, at, Math.min(all.length, at + PER_FRAME));
            gather(new Datum(reply.connection(), reply.remote(), piece));
        }
    }

    private void gather(Datum reply) {
        int size = Items.size(reply);
        if (bytes + size > PER_FRAME) {
            flush();
        }
        gathered.add(reply);
        bytes += size;
    }

    void flush() {
        if (!gathered.isEmpty()) {
            link.send(Items.frame(Kind.REPLY, gathered));
            gathered.clear();
            bytes = 0;
        }
    }
}
