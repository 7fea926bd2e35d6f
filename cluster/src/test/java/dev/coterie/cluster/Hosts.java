package dev.coterie.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Hosts on one network, as network namespaces on a bridge in another one, which is a host too. Packets can be dropped, and
 * cables unplugged; broadcast and multicast go where they would.
 */
public final class Hosts implements AutoCloseable {

    /** The address of the host that is always reached, for what all need. */
    static final String HUB = "10.78.0.254";

    /** Unique, so that runs beside one another do not meet. */
    private final String prefix = "hosts" + ProcessHandle.current().pid() % 100_000;

    private final int count;

    /** Skips the test where it cannot be done. */
    public Hosts(int count) {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces need root");
        List.of("ip", "iptables")
                .forEach(program -> assumeTrue(
                        Files.isExecutable(Path.of("/usr/sbin", program)), "network namespaces need " + program));
        this.count = count;
        run("ip netns add " + hub());
        run("ip -n %s link set lo up".formatted(hub()));
        run("ip -n %s link add br0 type bridge".formatted(hub()));
        run("ip -n %s addr add %s/24 dev br0".formatted(hub(), HUB));
        run("ip -n %s link set br0 up".formatted(hub()));
        IntStream.range(0, count).forEach(this::build);
    }

    private void build(int i) {
        run("ip netns add %s".formatted(host(i)));
        run("ip link add %sv%d netns %s type veth peer name eth0 netns %s".formatted(prefix, i, hub(), host(i)));
        run("ip -n %s link set %sv%d master br0 up".formatted(hub(), prefix, i));
        run("ip -n %s link set lo up".formatted(host(i)));
        run("ip -n %s link set eth0 up".formatted(host(i)));
        run("ip -n %s addr add %s/24 dev eth0 broadcast +".formatted(host(i), address(i)));
        run("ip -n %s route add default dev eth0".formatted(host(i)));
    }

    static String address(int i) {
        return "10.78.0." + (i + 1);
    }

    /** What a command line begins with that is to run on a host. */
    public List<String> on(int i) {
        return List.of("ip", "netns", "exec", host(i));
    }

    /** The same for the host that all reach. */
    List<String> onHub() {
        return List.of("ip", "netns", "exec", hub());
    }

    /** A host's cable is pulled out. */
    public void unplug(int i) {
        run("ip -n %s link set eth0 down".formatted(host(i)));
    }

    /** And put in again. */
    public void plug(int i) {
        run("ip -n %s link set eth0 up".formatted(host(i)));
        run("ip -n %s route replace default dev eth0".formatted(host(i)));
    }

    /** All that a host sends, or is sent, is dropped without a word. */
    void silence(int i) {
        rule(i, "-A INPUT -i eth0 -j DROP");
        rule(i, "-A OUTPUT -o eth0 -j DROP");
    }

    /** Some hosts and some others do not hear each other any more. */
    public void split(Collection<Integer> some, Collection<Integer> others) {
        some.forEach(one -> others.forEach(other -> {
            rule(one, "-A INPUT -s %s -j DROP".formatted(address(other)));
            rule(other, "-A INPUT -s %s -j DROP".formatted(address(one)));
        }));
    }

    /** Nothing is dropped any more. */
    public void heal() {
        IntStream.range(0, count).forEach(i -> rule(i, "-F"));
    }

    @Override
    public void close() {
        IntStream.range(0, count).forEach(i -> tryRun("ip netns del " + host(i)));
        tryRun("ip netns del " + hub());
    }

    private void rule(int i, String rule) {
        run("ip netns exec %s iptables -w 5 %s".formatted(host(i), rule));
    }

    private String hub() {
        return prefix + "hub";
    }

    private String host(int i) {
        return prefix + "h" + i;
    }

    private static void run(String line) {
        String output = tryRun(line);
        if (!output.isEmpty()) {
            throw new IllegalStateException(line + ": " + output);
        }
    }

    private static String tryRun(String line) {
        try {
            Process process = new ProcessBuilder(line.split(" "))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(10, TimeUnit.SECONDS) ? output : "does not end";
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
