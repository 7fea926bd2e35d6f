package dev.coterie.node.local;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Members that share one event loop and find each other by being in the same list. A test says who comes, who goes, and
 * who is master; events and messages arrive as the contract in {@code discovery} promises.
 */
public final class LocalCluster {

    final EventLoop loop;
    private final List<LocalDiscovery> nodes = new ArrayList<>();
    private @Nullable LocalDiscovery master;
    private long revision = 1;

    /** An empty cluster on a loop. */
    public LocalCluster(EventLoop loop) {
        this.loop = loop;
    }

    /** A node comes, and all are told. */
    public LocalDiscovery join(String name) {
        Member member = new Member(
                name + "-id", name, "host", "127.0.0.1", 1, 0, true, Map.of(), List.of(), Instant.EPOCH, "test");
        LocalDiscovery node = new LocalDiscovery(this, member);
        nodes.add(node);
        View view = nextView();
        node.tell(new DiscoveryEvent.Init(view, member));
        tellOthers(node, new DiscoveryEvent.MemberAdded(member));
        tellOthers(node, new DiscoveryEvent.Change(view, List.of(member), List.of(), List.of()));
        return node;
    }

    /** A node is gone without a word; the others are told. If it was master, nobody is now. */
    public void kill(LocalDiscovery node) {
        nodes.remove(node);
        node.dead = true;
        if (master == node) {
            master = null;
        }
        View view = nextView();
        tellOthers(node, new DiscoveryEvent.MemberRemoved(node.self()));
        tellOthers(node, new DiscoveryEvent.Change(view, List.of(), List.of(node.self()), List.of()));
    }

    /** A node is master from now on, and the one before it is not. */
    public void elect(LocalDiscovery node) {
        LocalDiscovery before = master;
        master = node;
        revision++;
        if (before != null) {
            before.depose();
        }
        node.crown(revision);
        nodes.forEach(each -> each.tell(new DiscoveryEvent.MasterChanged(node.self(), 0, revision)));
    }

    /** A node's session is replaced by another, as after a lease ran out. */
    public void renew(LocalDiscovery node, String newId) {
        Member before = node.self();
        node.depose();
        if (master == node) {
            master = null;
        }
        node.tell(new DiscoveryEvent.SessionLost(before, "test"));
        node.rename(newId);
        View view = nextView();
        node.tell(new DiscoveryEvent.Rejoined(node.self()));
        tellOthers(node, new DiscoveryEvent.Change(view, List.of(node.self()), List.of(before), List.of()));
    }

    View view() {
        return new View(revision, nodes.stream().map(Discovery::self).toList());
    }

    Optional<LocalDiscovery> master() {
        return Optional.ofNullable(master);
    }

    void others(LocalDiscovery self, Consumer<LocalDiscovery> action) {
        List.copyOf(nodes).stream().filter(node -> node != self).forEach(action);
    }

    private View nextView() {
        revision++;
        return view();
    }

    private void tellOthers(LocalDiscovery about, DiscoveryEvent event) {
        others(about, node -> node.tell(event));
    }
}
