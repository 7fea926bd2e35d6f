package dev.coterie.bench.agent;

import dev.coterie.bench.Peers;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * The program of a node's JVM: hosts nodes, reads commands from its input, prints events, and ends with its input. Times are
 * {@link System#nanoTime()}, which on Linux is one clock for all processes of a machine.
 */
public final class Agent {

    private final Peer peer;
    private final String address;
    private final Map<String, String> options;
    private final Output output;
    private final Map<String, Node> nodes = new ConcurrentHashMap<>();
    private final Map<String, Messages> messages = new ConcurrentHashMap<>();
    private final Map<String, Producer> producers = new ConcurrentHashMap<>();
    private final Map<String, Firing> firings = new ConcurrentHashMap<>();

    private Agent(Peer peer, String address, Map<String, String> options, Output output) {
        this.peer = peer;
        this.address = address;
        this.options = options;
        this.output = output;
    }

    /** Options as one word of a command line. */
    public static String encode(Map<String, String> options) {
        return options.entrySet().stream()
                .map(entry -> "," + entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining());
    }

    private static Map<String, String> decode(String word) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : word.split(",", -1)) {
            if (!pair.isEmpty()) {
                options.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        return options;
    }

    /** The system's name, its server's address, and {@link #encode encoded} options. */
    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        // What libraries print does not mix with the events.
        System.setOut(System.err);
        Output output = new Output(out);
        Agent agent = new Agent(Peers.load(args[0]), args[1], decode(args.length > 2 ? args[2] : ""), output);
        output.emit("UP");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            agent.obey(line);
        }
        Runtime.getRuntime().halt(0);
    }

    private void obey(String line) {
        List<String> words = List.of(line.split(" ", -1));
        String id = words.get(1);
        Arguments rest = new Arguments(words.subList(2, words.size()));
        try {
            switch (words.get(0)) {
                case "connect", "join", "close" -> live(words.get(0), id);
                case "campaign", "members", "register", "update", "registermany", "count" ->
                    belong(words.get(0), id, rest);
                case "sink", "reset", "stat", "flood", "ping" -> talk(words.get(0), id, rest);
                case "work", "results", "produce", "trickle" -> work(words.get(0), id, rest);
                case "fire", "schedule", "lateness" -> time(words.get(0), id, rest);
                default -> throw new IllegalArgumentException("unknown command " + line);
            }
        } catch (UnsupportedOperationException cannot) {
            output.emit("ERROR", "unsupported");
        } catch (Exception | LinkageError failure) {
            failure.printStackTrace();
            output.emit("ERROR", failure.toString().replaceAll("\\s+", " "));
        }
    }

    /** The words behind a command's name and its node. */
    private record Arguments(List<String> words) {

        String word(int i) {
            return words.get(i);
        }

        int number(int i) {
            return Integer.parseInt(words.get(i));
        }
    }

    private static <T> T known(Map<String, T> all, String id) {
        T one = all.get(id);
        if (one == null) {
            throw new IllegalStateException("there is no " + id);
        }
        return one;
    }

    private void live(String command, String id) throws Exception {
        switch (command) {
            case "connect" -> {
                nodes.put(id, peer.connect(address, id, options));
                output.emit("CONNECTED", id, System.nanoTime());
            }
            case "join" -> {
                long start = System.nanoTime();
                Node node = peer.connect(address, id, options);
                long connected = System.nanoTime();
                node.register(id);
                nodes.put(id, node);
                output.emit("JOINED", id, start, connected, System.nanoTime());
            }
            default -> {
                Node node = known(nodes, id);
                nodes.remove(id);
                long start = System.nanoTime();
                node.leave();
                output.emit("CLOSED", id, start, System.nanoTime());
            }
        }
    }

    private void belong(String command, String id, Arguments rest) throws Exception {
        Node node = known(nodes, id);
        switch (command) {
            case "campaign" -> {
                node.campaign(master -> output.emit(master ? "MASTER" : "LOST", id, System.nanoTime()));
                output.emit("CAMPAIGNING", id);
            }
            case "members" -> {
                node.members((who, here) -> output.emit(here ? "SEEN" : "GONE", id, System.nanoTime(), who));
                output.emit("WATCHING", id);
            }
            case "register" -> {
                node.register(id);
                output.emit("REGISTERED", id, System.nanoTime());
            }
            case "update" -> {
                long start = System.nanoTime();
                node.update(id);
                output.emit("UPDATED", id, start, System.nanoTime());
            }
            case "registermany" -> registerMany(node, rest.word(0), rest.number(1), rest.number(2));
            default -> count(node, id, rest.number(0));
        }
    }

    private void registerMany(Node node, String prefix, int n, int threads) throws Exception {
        long start = System.nanoTime();
        Parallel.run(n, threads, i -> node.register(prefix + i));
        output.emit("REGISTEREDMANY", prefix, start, System.nanoTime());
    }

    private void count(Node node, String id, int n) throws Exception {
        AtomicInteger seen = new AtomicInteger();
        node.members((who, here) -> {
            if (here && seen.incrementAndGet() == n) {
                output.emit("ALLSEEN", id, System.nanoTime());
            }
        });
        output.emit("WATCHING", id);
    }

    private void talk(String command, String id, Arguments rest) throws Exception {
        if (command.equals("sink")) {
            messages.put(id, new Messages(id, known(nodes, id), output));
        }
        Messages these = known(messages, id);
        switch (command) {
            case "sink" -> these.listen();
            case "reset" -> these.reset((byte) rest.number(0));
            case "stat" -> these.stat();
            case "flood" -> these.flood(rest.word(0), rest.number(1), rest.number(2), rest.number(3));
            default -> these.ping(rest.word(0), rest.number(1), rest.number(2), rest.number(3));
        }
    }

    private void work(String command, String id, Arguments rest) throws Exception {
        switch (command) {
            case "work" -> {
                known(nodes, id).tasks(rest.word(0)).work(Producer::timesThree);
                output.emit("WORKING", id);
            }
            case "results" -> {
                Producer producer = new Producer(known(nodes, id).tasks(rest.word(0)), output);
                producers.put(id, producer);
                producer.listen();
                output.emit("RESULTS", id);
            }
            case "produce" -> known(producers, id).produce(rest.number(0), rest.number(1), rest.number(2));
            default -> known(producers, id).trickle(rest.number(0), rest.number(1), rest.number(2));
        }
    }

    private void time(String command, String id, Arguments rest) throws Exception {
        if (!firings.containsKey(id)) {
            firings.put(id, new Firing(id, known(nodes, id).timers(), output));
        }
        Firing firing = known(firings, id);
        switch (command) {
            case "fire" -> firing.listen();
            case "schedule" ->
                firing.schedule(
                        rest.word(0),
                        rest.number(1),
                        Long.parseLong(rest.word(2)),
                        Double.parseDouble(rest.word(3)),
                        rest.number(4));
            default -> firing.lateness();
        }
    }
}
