package dev.coterie.bench;

import dev.coterie.bench.host.Processes;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What many registrations cost one server. Two JVMs register them, each over one connection; a third one watches. From the
 * first call until all are acknowledged, and until the watcher has seen all; then, at rest, the CPU of server and clients.
 */
final class B6Scale {

    static final List<String> OPTIONS = List.of("peers", "rounds", "n", "seconds", "ttl");

    private static final int THREADS = 16;

    private final Fleet fleet;
    private final String at;
    private final Report report;

    private B6Scale(Fleet fleet, int n, Report report) {
        this.fleet = fleet;
        this.at = String.format(Locale.ROOT, "n=%,d ", n);
        this.report = report;
    }

    static void run(Args args, Report report) {
        for (int round = 0; round < args.get("rounds", 3); round++) {
            for (int n : args.numbers("n", "100,1000,5000")) {
                for (String name : args.list("peers", "curator,jetcd")) {
                    try (Fleet fleet = new Fleet(name, Map.of("ttl", args.get("ttl", "20")))) {
                        new B6Scale(fleet, n, report).measure(n, args.get("seconds", 15));
                    } catch (Exception failure) {
                        report.leaveOut(name, "n=" + n, failure);
                    }
                }
            }
        }
    }

    private void measure(int n, int seconds) throws Exception {
        double before = Processes.residentMebibytes(fleet.server().pid());
        List<AgentProcess> clients = List.of(fleet.start("a"), fleet.start("b"));
        fleet.start("w").call("count w " + n, "WATCHING", 30);
        int mark = fleet.log().mark();
        register(clients, n, mark);
        Thread.sleep(3000);
        rest(clients, seconds);
        double resident = Processes.residentMebibytes(fleet.server().pid());
        add("server RSS MiB", resident);
        add("server RSS MiB, growth since its start", resident - before);
        if (!fleet.log().since(mark, event -> event.is("GONE")).isEmpty()) {
            report.note(fleet.peerName(), "some registrations were lost");
        }
    }

    private void register(List<AgentProcess> clients, int n, int mark) throws Exception {
        double cpu = Processes.cpuSeconds(fleet.server().pid());
        clients.forEach(client ->
                client.send("registermany " + client.name() + " " + client.name() + " " + n / 2 + " " + THREADS));
        List<AgentEvent> done =
                fleet.log().awaitAll(mark, event -> event.is("REGISTEREDMANY"), 2, 120_000, "registered");
        AgentEvent all = fleet.log().await(mark, event -> event.is("ALLSEEN"), 60_000, "all seen");
        long start = done.stream().mapToLong(event -> event.number(1)).min().orElseThrow();
        long end = done.stream().mapToLong(event -> event.number(2)).max().orElseThrow();
        add("all registered ms", (end - start) / 1e6);
        add("watcher has seen all ms", (all.number(1) - start) / 1e6);
        add("server CPU s to register", Processes.cpuSeconds(fleet.server().pid()) - cpu);
    }

    private void rest(List<AgentProcess> clients, int seconds) throws Exception {
        double server = Processes.cpuSeconds(fleet.server().pid());
        double both = cpuSeconds(clients);
        Thread.sleep(seconds * 1000L);
        add(
                "server CPU % of a core at rest",
                (Processes.cpuSeconds(fleet.server().pid()) - server) * 100 / seconds);
        add("both client JVMs CPU % of a core at rest", (cpuSeconds(clients) - both) * 100 / seconds);
    }

    private static double cpuSeconds(List<AgentProcess> agents) throws Exception {
        double sum = 0;
        for (AgentProcess agent : agents) {
            sum += Processes.cpuSeconds(agent.pid());
        }
        return sum;
    }

    private void add(String what, double value) {
        report.add(fleet.peerName(), at + what, value);
    }
}
