package example;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.discovery.DiscoveryEvent.Demoted;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Promoted;
import java.io.IOException;

/** Greets all who are there, and tells who comes, who goes and who is master. Enter ends it. */
public final class Greetings {

    public static void main(String[] args) throws IOException {
        String etcd = args.length > 0 ? args[0] : "http://127.0.0.1:2379";

        // Any free port, so that several can run on one machine.
        try (Cluster cluster = Cluster.join(ClusterConfig.of(etcd).withPort(0))) {
            System.out.println("I am " + cluster.self().id());

            cluster.on(
                    MemberAdded.class,
                    added -> System.out.println(added.member().id() + " is here"));
            cluster.on(
                    MemberRemoved.class,
                    removed -> System.out.println(removed.member().id() + " has gone"));
            cluster.on(Promoted.class, promoted -> System.out.println("I am master"));
            cluster.on(Demoted.class, demoted -> System.out.println("I am not master any more"));

            cluster.channels()
                    .join("greetings", String.class, (text, from) -> System.out.println(from.id() + ": " + text));
            cluster.channels().send("greetings", "hello");

            System.in.read();
        }
    }

    private Greetings() {}
}
