package dev.coterie.cluster;

import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.lan.LanDiscovery;
import dev.coterie.cluster.lan.Loopback;
import dev.coterie.cluster.service.ServiceEvent.NotReady;
import dev.coterie.cluster.service.ServiceEvent.Ready;
import java.time.Duration;
import java.util.List;

/**
 * A process with nodes that offer a service each: the group, then {@code service:need} or {@code service} for every node.
 * The group is where etcd answers, or {@code lan:} and the ports of a {@link Loopback}; there s3 has the fourth.
 * Prints a line when the needs of one are met, and when they are not any more.
 */
final class ServiceMain {

    /** How the name of a group without etcd begins. */
    static final String LAN = "lan:";

    private ServiceMain() {}

    public static void main(String[] args) throws InterruptedException {
        List.of(args).subList(1, args.length).forEach(one -> start(args[0], one.split(":", 2)));
        // Until it is killed: the library's threads are daemons.
        Thread.currentThread().join();
    }

    private static void start(String group, String[] serviceAndNeed) {
        String name = serviceAndNeed[0];
        ServiceNode node = new ServiceNode(group.startsWith(LAN) ? onLan(group, name) : onEtcd(group, name));
        node.services.on(Ready.class, ready -> System.out.println(name + " is ready"));
        node.services.on(NotReady.class, notReady -> System.out.println(name + " misses " + notReady.unmet()));
        if (serviceAndNeed.length == 1) {
            node.offer(name);
            System.out.println(name + " is ready");
        } else {
            node.offer(name, serviceAndNeed[1]);
        }
    }

    private static Discovery onEtcd(String etcd, String name) {
        return Cluster.join(ClusterConfig.of(etcd)
                .withName(name)
                .withAddress("127.0.0.1")
                .withPort(0)
                .withTtl(Duration.ofSeconds(5))
                .withRefresh(Duration.ofSeconds(1)));
    }

    private static Discovery onLan(String group, String name) {
        Loopback ports = new Loopback(group.substring(LAN.length()));
        return LanDiscovery.join(
                ports.at(Integer.parseInt(name.substring(1))).name(name).build());
    }
}
