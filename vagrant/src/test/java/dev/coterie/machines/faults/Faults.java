package dev.coterie.machines.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coterie.machines.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All faults there are. */
final class Faults {

    private static final int LINKS = 22222;
    private static final int ETCD = 2379;
    private static final int DELAYED = 40001;

    private Faults() {}

    /** Each of them, in an order in which the quick ones come first. */
    static List<Fault> all() {
        List<Fault> all = new ArrayList<>();
        all.addAll(processes());
        all.addAll(network());
        all.addAll(etcd());
        return all;
    }

    /** The one with a name; {@code a+b} is both at a time. */
    static Fault named(String name) {
        String[] parts = name.split("[+]", 2);
        Fault first = all().stream()
                .filter(fault -> fault.name().equals(parts[0]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("fault: '" + parts[0] + "' is not known; choose one of "
                        + all().stream().map(Fault::name).collect(Collectors.joining(" "))));
        return parts.length == 1 ? first : first.and(named(parts[1]));
    }

    // --- Processes --------------------------------------------------------------------------------------------------

    private static List<Fault> processes() {
        return List.of(
                new Fault("kill-master", stage -> kill(stage, stage.takeMaster())),
                new Fault("kill-worker", stage -> kill(stage, stage.takeWorker())),
                new Fault("stop-master", stage -> stop(stage, stage.takeMaster())),
                new Fault("stop-worker", stage -> stop(stage, stage.takeWorker())),
                new Fault("leave-master", stage -> leave(stage, stage.takeMaster())),
                new Fault("clock", Faults::clock));
    }

    private static Runnable kill(Stage stage, String host) {
        stage.node(host).kill();
        return () -> stage.start(host);
    }

    /** Frozen for longer than others have patience: it is evicted, and finds out when it goes on. */
    private static Runnable stop(Stage stage, String host) {
        long pid = stage.node(host).pid();
        stage.signal(pid, "STOP");
        return () -> stage.signal(pid, "CONT");
    }

    private static Runnable leave(Stage stage, String host) {
        stage.node(host).end();
        return () -> stage.start(host);
    }

    /** The wall clock of the master goes an hour ahead, then back to an hour before, and then is right again. */
    private static Runnable clock(Stage stage) {
        assumeTrue(Stage.hasClocks(), "libfaketime is not there; install it: apt-get install faketime");
        String host = stage.takeWorker();
        stage.node(host).kill();
        stage.startWithClock(host);
        stage.promote(host);
        stage.setClock(host, "+3600");
        return () -> {
            stage.setClock(host, "-3600");
            stage.hold();
            stage.setClock(host, "+0");
            stage.hold();
            // Under libfaketime a JVM takes both processors for itself, and all that follows would wait for it.
            stage.node(host).end();
            stage.start(host);
        };
    }

    // --- The network ------------------------------------------------------------------------------------------------

    private static List<Fault> network() {
        return List.of(
                cut("cut-master", Stage::takeMaster, true, true, Stage::others),
                cut("cut-worker", Stage::takeWorker, true, true, Stage::others),
                cut("deaf-master", Stage::takeMaster, true, false, Stage::others),
                cut("mute-master", Stage::takeMaster, false, true, Stage::others),
                cut("deaf-worker", Stage::takeWorker, true, false, Stage::others),
                cut("mute-worker", Stage::takeWorker, false, true, Stage::others),
                cut("master-from-etcd", Stage::takeMaster, true, true, Faults::etcds),
                cut("worker-from-etcd", Stage::takeWorker, true, true, Faults::etcds),
                cut("master-from-nodes", Stage::takeMaster, true, true, Faults::otherNodes),
                cut("worker-from-nodes", Stage::takeWorker, true, true, Faults::otherNodes),
                new Fault("link-down", Faults::linkDown),
                new Fault("loss", Faults::loss),
                new Fault("delay-links", stage -> delay(stage, stage.takeMaster(), LINKS)),
                ofEtcd("delay-etcd", stage -> delay(stage, stage.someEtcd(), ETCD)));
    }

    /** Who is cut off from whom, in which directions. */
    private static Fault cut(String name, Function<Stage, String> who, boolean in, boolean out, Peers fromWhom) {
        return new Fault(name, stage -> {
            String host = who.apply(stage);
            List<String> peers = fromWhom.of(stage, host);
            if (in) {
                stage.deafen(host, peers);
            }
            if (out) {
                stage.mute(host, peers);
            }
            return () -> stage.mend(host);
        });
    }

    /** Some of the other hosts. */
    private interface Peers {
        List<String> of(Stage stage, String host);
    }

    private static List<String> etcds(Stage stage, String host) {
        return stage.others(host).stream()
                .filter(other -> !Lab.NODES.contains(other))
                .toList();
    }

    private static List<String> otherNodes(Stage stage, String host) {
        return stage.others(host).stream().filter(Lab.NODES::contains).toList();
    }

    private static Runnable linkDown(Stage stage) {
        String host = stage.takeAny();
        stage.lab().run(host, "ip", "link", "set", "eth0", "down").orFail();
        return () -> stage.lab().run(host, "ip", "link", "set", "eth0", "up").orFail();
    }

    /** A fifth of all packets to a host. */
    private static Runnable loss(Stage stage) {
        String host = stage.takeAny();
        stage.iptables(
                host, "-A", "INPUT", "-m", "statistic", "--mode", "random", "--probability", "0.2", "-j", "DROP");
        return () -> stage.mend(host);
    }

    /** What goes to a port of a host, and back, takes 100 ms longer each way. */
    private static Runnable delay(Stage stage, String host, int port) {
        Lab lab = stage.lab();
        ProcessBuilder recipe = lab.builder(
                host,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-cp",
                Path.of("target", "test-classes").toAbsolutePath().toString(),
                Delay.class.getName(),
                "" + DELAYED,
                Lab.address(host),
                "" + port,
                "100");
        try {
            Process proxy =
                    recipe.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            if (proxy.getInputStream().read() < 0) {
                throw new IllegalStateException("the proxy does not start");
            }
            stage.iptables(
                    host,
                    "-A",
                    "PREROUTING",
                    "-t",
                    "nat",
                    "-p",
                    "tcp",
                    "--dport",
                    "" + port,
                    "-j",
                    "REDIRECT",
                    "--to-ports",
                    "" + DELAYED);
            breakConnections(stage, host, port);
            return () -> {
                stage.mend(host);
                proxy.destroyForcibly();
            };
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Those that there are know the way without the proxy. */
    private static void breakConnections(Stage stage, String host, int port) {
        String[] rule = {
            "INPUT", "!", "-i", "lo", "-p", "tcp", "--dport", "" + port, "-j", "REJECT", "--reject-with", "tcp-reset"
        };
        stage.iptables(host, "-A", rule);
        stage.hold(600);
        stage.iptables(host, "-D", rule);
    }

    // --- etcd -------------------------------------------------------------------------------------------------------

    private static List<Fault> etcd() {
        return List.of(
                ofEtcd("etcd-kill", stage -> killEtcd(stage, List.of(stage.someEtcd()))),
                ofEtcd("etcd-kill-all", stage -> killEtcd(stage, stage.lab().etcdHosts())),
                ofEtcd("etcd-away", Faults::etcdAway),
                ofEtcd("etcd-split", Faults::splitEtcd),
                ofEtcd("etcd-slow", Faults::slowEtcd),
                ofEtcd("etcd-full", Faults::fullEtcd),
                ofEtcd("leases-revoked", Faults::revokeLeases),
                ofEtcd("compacted", Faults::compact));
    }

    private static Fault ofEtcd(String name, Function<Stage, Runnable> begin) {
        return new Fault(name, true, begin);
    }

    private static Runnable killEtcd(Stage stage, List<String> members) {
        members.forEach(member -> stage.lab().kill(member, "KILL"));
        return () -> members.forEach(member -> stage.lab().start(member));
    }

    /** For so long that all sessions have run out when it is back. */
    private static Runnable etcdAway(Stage stage) {
        Runnable end = killEtcd(stage, stage.lab().etcdHosts());
        stage.hold(12_000);
        return end;
    }

    /** One member of etcd, the leader or not, hears none of the other two. */
    private static Runnable splitEtcd(Stage stage) {
        String host = stage.someEtcd();
        List<String> peers = etcds(stage, host);
        stage.deafen(host, peers);
        stage.mute(host, peers);
        return () -> stage.mend(host);
    }

    /** All of etcd stands still for most of the time, as on a disk that hangs. */
    private static Runnable slowEtcd(Stage stage) {
        List<Long> pids = stage.lab().etcdHosts().stream()
                .map(host -> stage.lab().pid(host).orElseThrow())
                .toList();
        for (int i = 0; i < 8; i++) {
            pids.forEach(pid -> stage.signal(pid, "STOP"));
            stage.hold(300);
            pids.forEach(pid -> stage.signal(pid, "CONT"));
            stage.hold(100);
        }
        return () -> {};
    }

    /** Its space is used up by others, until they clear up. */
    private static Runnable fullEtcd(Stage stage) {
        stage.fillEtcd();
        return stage::emptyEtcd;
    }

    /** An operator, or a fault of etcd, ends the sessions of all nodes. */
    private static Runnable revokeLeases(Stage stage) {
        stage.lab()
                .etcdctl("etcd", "lease", "list")
                .lines()
                .skip(1)
                .forEach(lease -> stage.lab().etcdctl("etcd", "lease", "revoke", lease));
        return () -> {};
    }

    /** While a node cannot see what happens, all of it is compacted away. */
    private static Runnable compact(Stage stage) {
        String host = stage.takeWorker();
        List<String> members = etcds(stage, host);
        stage.deafen(host, members);
        stage.mute(host, members);
        stage.hold();
        stage.compactEtcd();
        return () -> stage.mend(host);
    }
}
