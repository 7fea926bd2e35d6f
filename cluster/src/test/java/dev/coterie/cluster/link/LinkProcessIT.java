package dev.coterie.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links between this JVM and another that is killed. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinkProcessIT {

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final GrpcTransport transport = new GrpcTransport(
            LOOPBACK, 0, new GrpcTransport.Limits(GrpcTransport.QUEUE_BYTES, PATIENCE, Duration.ofSeconds(1)));
    private final Inbox inbox = new Inbox();
    private final Ear ear = new Ear();
    private final Process other;
    private final int otherPort;

    LinkProcessIT() throws IOException {
        int port = transport.listen(greeting -> inbox);
        other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        Integer.toString(port))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader says = other.inputReader();
        String line = says.readLine();
        while (line != null && !line.startsWith("port ")) {
            line = says.readLine();
        }
        assertThat(line).as("what the other JVM says").isNotNull();
        otherPort = Integer.parseInt(line.substring("port ".length()));
    }

    @AfterEach
    void close() {
        other.destroyForcibly();
        transport.close();
    }

    @Test
    void when_a_process_is_killed_both_its_links_are_broken_and_a_new_one_is_refused() throws InterruptedException {
        Link link = transport.open(LOOPBACK, otherPort, greeting(), ear);
        ear.opening();
        assertThat(link.offer(new Message(Kinds.CHANNEL, "a", 0, new byte[100]), PATIENCE))
                .isTrue();

        other.destroyForcibly();

        assertThat(ear.closing().kind()).isEqualTo(LinkException.Kind.BROKEN);
        assertThat(inbox.closing().kind()).isEqualTo(LinkException.Kind.BROKEN);
        assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
        Ear second = new Ear();
        transport.open(LOOPBACK, otherPort, greeting(), second);
        assertThat(second.closing().kind()).isEqualTo(LinkException.Kind.REFUSED);
    }

    @Test
    void a_process_that_stands_still_fills_the_queue_and_goes_on_where_it_was() throws IOException {
        Link link = transport.open(LOOPBACK, otherPort, greeting(), ear);
        ear.opening();
        signal("STOP");
        int taken = 0;
        while (link.offer(new Message(Kinds.CHANNEL, "a", taken, new byte[100]), Duration.ofMillis(300))) {
            taken++;
        }
        assertThat(taken).isGreaterThanOrEqualTo(16_384);
        assertThat(ear.isClosed()).isFalse();

        signal("CONT");
        for (int i = 0; i < 50_000; i++) {
            assertThat(link.offer(new Message(Kinds.CHANNEL, "a", taken + i, new byte[100]), PATIENCE))
                    .isTrue();
        }
    }

    private void signal(String name) throws IOException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(other.pid()))
                        .start()
                        .onExit()
                        .join()
                        .exitValue())
                .isZero();
    }

    private static Greeting greeting() {
        return new Greeting("a", "b", 7, new byte[0]);
    }

    /** The other JVM: opens a link to the port given, takes links, and ends with its standard input. */
    static final class Other {

        public static void main(String[] args) throws IOException {
            try (GrpcTransport transport = new GrpcTransport(LOOPBACK, 0)) {
                Ear ear = new Ear();
                Link link = transport.open(LOOPBACK, Integer.parseInt(args[0]), greeting(), ear);
                ear.opening();
                System.out.println("port " + transport.listen(from -> new Inbox()));
                System.in.transferTo(OutputStream.nullOutputStream());
                link.close();
            }
        }
    }
}
