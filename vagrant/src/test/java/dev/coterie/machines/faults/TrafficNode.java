package dev.coterie.machines.faults;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.ClusterConfig.Liveness;
import dev.coterie.cluster.discovery.DiscoveryEvent.Change;
import dev.coterie.cluster.discovery.DiscoveryEvent.Init;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberAdded;
import dev.coterie.cluster.discovery.DiscoveryEvent.MemberRemoved;
import dev.coterie.cluster.discovery.DiscoveryEvent.Rejoined;
import dev.coterie.cluster.discovery.DiscoveryEvent.SessionLost;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Subscription;
import dev.coterie.cluster.discovery.View;
import dev.coterie.machines.faults.Happening.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * A node that makes traffic of all kinds and says what happens, until its standard input ends. It is told there when a
 * history begins, when to go and to pause, what to look at, and what to ask for.
 */
final class TrafficNode {

    private static final long PERIOD_MS = 20;

    private final Cluster cluster;
    private final Teller teller;
    private final WorkTraffic work;
    private final MessageTraffic messages;
    private final MasterTraffic masters;
    private final ServiceTraffic services;
    private final AtomicBoolean going = new AtomicBoolean();
    private Subscription beginning = () -> {};

    private TrafficNode(Cluster cluster, String process) {
        this.cluster = cluster;
        this.teller = new Teller(process);
        this.work = new WorkTraffic(cluster, teller, process);
        this.messages = new MessageTraffic(cluster, teller, process);
        this.masters = new MasterTraffic(cluster, teller, process);
        this.services = new ServiceTraffic(cluster, teller, process);
    }

    /** Takes the addresses of etcd, what this process is called, its own address, and the space that etcd has. */
    public static void main(String[] args) throws IOException {
        Cluster cluster = Cluster.join(ClusterConfig.of(args[0].split(",", -1))
                .withName(args[1].replaceAll("[.].*", ""))
                .withAddress(args[2])
                .withLiveness(Liveness.DEFAULT
                        .withHello(Duration.ofMillis(200))
                        .withNodeTimeout(Duration.ofMillis(800))
                        .withMasterTimeout(Duration.ofMillis(800)))
                .withTtl(Duration.ofSeconds(10))
                .withRefresh(Duration.ofSeconds(4))
                .withEtcdQuota(Long.parseLong(args[3])));
        try (cluster) {
            new TrafficNode(cluster, args[1]).run();
        }
        System.exit(0);
    }

    private void run() throws IOException {
        cluster.on(
                MemberAdded.class,
                event -> teller.tell(Kind.ADDED, event.member().id()));
        cluster.on(
                MemberRemoved.class,
                event -> teller.tell(Kind.REMOVED, event.member().id()));
        cluster.on(Change.class, event -> teller.tell(Kind.VIEW, others(event.view())));
        cluster.on(SessionLost.class, event -> teller.tell(Kind.LOST, "", event.reason()));
        cluster.on(
                Rejoined.class,
                event -> teller.tell(Kind.REJOINED, event.member().id()));
        work.begin();
        messages.begin();
        masters.begin();
        services.begin();
        begin();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "traffic");
            thread.setDaemon(true);
            return thread;
        });
        var unused = clock.scheduleWithFixedDelay(this::tick, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                command(List.of(line.split(" ", -1)));
            }
        }
        going.set(false);
        services.close();
    }

    private void tick() {
        if (going.get()) {
            work.tick();
            messages.tick();
            services.tick();
        }
        masters.tick();
    }

    private void command(List<String> words) {
        switch (words.get(0)) {
            case "begin" -> begin();
            case "go" -> going.set(true);
            case "pause" -> going.set(false);
            case "look" -> look();
            case "promote" -> cluster.promote();
            case "ask" -> words.subList(1, words.size()).forEach(work::ask);
            default -> throw new IllegalArgumentException("command: '" + words.get(0) + "' is not known");
        }
    }

    /** Says how things stand where a history begins; in order with what is told after it. */
    private void begin() {
        // Not closed at once: it is told how things stand when its turn comes.
        beginning.close();
        beginning = cluster.on(Init.class, event -> teller.tell(Kind.MEMBERS, others(event.view())));
        masters.holds();
        services.usable();
    }

    private void look() {
        teller.tell(Kind.SEES, ids(cluster.view().members()), ids(cluster.masters()));
        services.look();
    }

    /** Without this node itself, of which no events tell, and which has a new id with each session. */
    private String others(View view) {
        return ids(view.members().stream()
                .filter(member -> !member.address().equals(cluster.self().address()))
                .toList());
    }

    private static String ids(List<Member> members) {
        return members.stream().map(Member::id).sorted().collect(Collectors.joining(","));
    }
}
