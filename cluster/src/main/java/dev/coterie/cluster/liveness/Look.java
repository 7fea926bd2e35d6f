package dev.coterie.cluster.liveness;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.EventLoop.Scheduled;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.link.Transport;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens a link to a node to see whether it takes it, and closes it again. On the event loop. */
final class Look implements Transport.Listener {

    private final EventLoop loop;
    private final Consumer<Sighting> then;
    private @Nullable Link link;
    private Scheduled patience = Scheduled.NONE;
    private boolean over;

    private Look(EventLoop loop, Consumer<Sighting> then) {
        this.loop = loop;
        this.then = then;
    }

    /**
     * Looks at a node.
     *
     * @param message for the node, if it takes the link
     * @param patience how long to wait
     * @param then gets what came of it, once
     */
    static void at(
            Member member,
            Optional<Message> message,
            Links links,
            EventLoop loop,
            Duration patience,
            Consumer<Sighting> then) {
        Look look = new Look(loop, then);
        Link opening = links.open(member, look);
        look.link = opening;
        message.ifPresent(opening::offer);
        look.patience = loop.schedule(patience, () -> look.seen(Sighting.SILENT));
    }

    @Override
    public void opened() {
        loop.execute(() -> seen(Sighting.REACHED));
    }

    @Override
    public void closed(LinkException cause) {
        loop.execute(() -> seen(sighting(cause.kind())));
    }

    private void seen(Sighting what) {
        if (over) {
            return;
        }
        over = true;
        patience.cancel();
        if (link != null) {
            link.close();
        }
        then.accept(what);
    }

    private static Sighting sighting(LinkException.Kind kind) {
        return switch (kind) {
            case REFUSED -> Sighting.REFUSED;
            case REJECTED, MALFORMED -> Sighting.OTHER;
            default -> Sighting.SILENT;
        };
    }
}
