package example;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.balance.Balancer;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.service.Chooser;
import dev.coterie.cluster.service.Hook;
import dev.coterie.cluster.service.ServiceDiscovery;
import dev.coterie.cluster.service.ServiceEvent.NotReady;
import dev.coterie.cluster.service.ServiceEvent.Ready;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * {@code Shop http://127.0.0.1:2379 bank 7000} offers the service bank on port 7000. {@code Shop http://127.0.0.1:2379
 * till 8000 bank} offers till, and is ready only while there is a bank. Enter ends it.
 */
public final class Shop {

    public static void main(String[] args) throws IOException {
        Service own = Service.of(args[1]).withInfo(Map.of("port", Integer.parseInt(args[2])));
        ExecutorService threads = Executors.newFixedThreadPool(4);

        try (Cluster cluster = Cluster.join(ClusterConfig.of(args[0]).withPort(0));
                ServiceDiscovery services = ServiceDiscovery.on(cluster)) {
            if (args.length == 3) {
                services.advertise(own);
            } else {
                services.advertise(own.withReady(false));
                services.setup(args[3], Hook.on(threads, bank -> {
                    // May block and may throw: it is given 30 seconds, and called again if it fails.
                    System.out.println(
                            "connecting to port " + bank.service().info().get("port"));
                }));
                Chooser chooser = services.chooser(args[3], Balancer.roundRobin());
                services.on(Ready.class, ready -> {
                    services.advertise(own);
                    chooser.choose().ifPresent(bank -> System.out.println("using " + bank.id()));
                });
                services.on(NotReady.class, notReady -> {
                    services.advertise(own.withReady(false));
                    notReady.unmet().forEach(name -> System.out.println(name + " is missed"));
                });
            }
            services.start();
            System.in.read();
        } finally {
            threads.shutdownNow();
        }
    }

    private Shop() {}
}
