package dev.coterie.cluster.liveness;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.link.Kinds;
import dev.coterie.cluster.link.Link;
import dev.coterie.cluster.link.LinkException;
import dev.coterie.cluster.link.Links;
import dev.coterie.cluster.link.Message;
import dev.coterie.cluster.link.Transport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The links on which this node says hello to those who watch it, and little else. On the event loop. */
final class Hellos implements AutoCloseable {

    private static final Message HELLO = new Message(Kinds.HELLO, "", 0, new byte[0]);

    private final Links links;
    private final EventLoop loop;
    private final BiConsumer<Member, LinkException> onEnd;
    private final Map<String, Link> open = new HashMap<>();

    Hellos(Links links, EventLoop loop, BiConsumer<Member, LinkException> onEnd) {
        this.links = links;
        this.loop = loop;
        this.onEnd = onEnd;
    }

    /** Says hello, unless the last one is still on its way. */
    void say(Member to) {
        Link link = open.get(to.id());
        if (link == null) {
            link = open(to);
        }
        if (link.queued() == 0) {
            link.offer(HELLO);
        }
    }

    /** Says hello to one that has just asked for it, if there is a link. */
    void answer(Member to) {
        offer(to, HELLO);
    }

    /** Says something else on the link that there is; false if there is none. */
    boolean offer(Member to, Message message) {
        Link link = open.get(to.id());
        return link != null && link.offer(message);
    }

    /** A member has not heard this node: the link it had may lead nowhere. */
    void renew(Member to) {
        Link before = open.remove(to.id());
        if (before != null) {
            before.close();
            say(to);
        }
    }

    /** Closes the links to those who watch this node no more. */
    void only(List<Member> watchers) {
        open.entrySet().removeIf(one -> {
            boolean stays = watchers.stream().anyMatch(member -> member.id().equals(one.getKey()));
            if (!stays) {
                one.getValue().close();
            }
            return !stays;
        });
    }

    @Override
    public void close() {
        only(List.of());
    }

    private Link open(Member to) {
        Link[] mine = new Link[1];
        Link opening = links.open(to, new Transport.Listener() {
            @Override
            public void opened() {}

            @Override
            public void closed(LinkException cause) {
                loop.execute(() -> {
                    open.remove(to.id(), mine[0]);
                    onEnd.accept(to, cause);
                });
            }
        });
        mine[0] = opening;
        open.put(to.id(), opening);
        return opening;
    }
}
