package dev.coterie.etcd.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.etcd.EtcdBinary;
import dev.coterie.etcd.EtcdProcess;
import dev.coterie.etcd.GuardedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Debian's etcdctl is told the same by a real etcd and by the embedded one. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EtcdctlIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String ETCDCTL =
            EtcdBinary.onThisMachine().etcdctl(null).toString();

    private final EtcdProcess real = EtcdProcess.with().fastStorage().start();
    private final EmbeddedEtcd embedded = EmbeddedEtcd.start();

    @BeforeAll
    void empty() {
        same("del --from-key ''");
    }

    @AfterAll
    void stop() {
        embedded.close();
        real.close();
    }

    @Test
    void keys() {
        Stream.of(
                        "put k/a 1",
                        "put k/b 22",
                        "put k/c 3 --prev-kv",
                        "put k/b 4 --prev-kv",
                        "put k/b --ignore-value --prev-kv",
                        "put k/b 5 --ignore-lease",
                        "put k/none 5 --ignore-lease",
                        "put k/d 1 --lease=1234",
                        "put '' 1",
                        "get k/a",
                        "get k/none",
                        "get k/a k/c",
                        "get --prefix k/",
                        "get --prefix ''",
                        "get --from-key k/b",
                        "get --prefix k/ --print-value-only",
                        "get --prefix k/ --keys-only",
                        "get --prefix k/ --limit 2",
                        "get --prefix k/ --order DESCEND",
                        "get --prefix k/ --order ASCEND --sort-by VALUE",
                        "get --prefix k/ --order DESCEND --sort-by MODIFY",
                        "get --prefix k/ --order DESCEND --sort-by CREATE --limit 2",
                        "get --prefix k/ --sort-by VERSION",
                        "get --prefix k/ --consistency s",
                        "get --prefix k/ --hex",
                        "get --prefix k/ --write-out json",
                        "get --prefix k/ --write-out fields",
                        "get --prefix k/ --count-only --write-out fields",
                        "get --prefix k/ --rev 3",
                        "get k/a --rev 999999",
                        "del k/a --prev-kv",
                        "del k/a",
                        "del --prefix k/ --prev-kv",
                        "put k/z last",
                        "del --from-key k/z")
                .forEach(this::same);
    }

    @Test
    void transactions() {
        same("put t/a 1");
        Stream.of(
                        "mod(\"t/a\") > \"0\"\n\nput t/b then\nget t/a\n\nput t/b else\n\n",
                        "value(\"t/a\") = \"2\"\n\nput t/b then\n\nput t/c else\nget --prefix t/\ndel t/a\n\n",
                        "create(\"t/none\") = \"0\"\nversion(\"t/c\") = \"1\"\n\nput t/d 1\n\n\n\n",
                        "\n\nput t/f 1\nput t/f 2\n\n\n\n",
                        "version(\"t/c\") < \"1\"\n\n\n\nget t/c\n\n")
                .forEach(transaction -> same("txn <<'EOF'\n" + transaction + "EOF"));
        same("get --prefix t/");
        same("del --prefix t/");
    }

    @Test
    void compaction() {
        same("put c/a 1");
        same("put c/a 2");
        String revision = same("get c/a --write-out fields")
                .lines()
                .filter(line -> line.contains("\"ModRevision\""))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElseThrow();
        long last = Long.parseLong(revision);
        same("compaction " + last + " --physical");
        same("compaction " + last);
        same("compaction " + (last + 100));
        same("get c/a --rev " + last);
        same("get c/a --rev " + (last - 1));
        same("watch c/a --rev " + (last - 1));
        same("del c/a");
    }

    @Test
    void leases() {
        both(endpoint -> {
            String granted = run(endpoint, "lease grant 500");
            assertThat(granted).matches("(?s)lease [0-9a-f]{16} granted with TTL\\(500s\\)\n0");
            String id = leaseIn(granted);
            return Stream.of(
                            "put l/a 1 --lease=" + id,
                            "put l/b 1 --lease=" + id,
                            "get --prefix l/",
                            "lease timetolive " + id,
                            "lease list",
                            "lease keep-alive --once " + id,
                            "lease revoke " + id,
                            "lease revoke " + id,
                            "lease timetolive " + id,
                            "lease keep-alive --once " + id,
                            "lease list",
                            "get --prefix l/")
                    .map(command -> run(endpoint, command)
                            .replace(id, "ID")
                            .replaceAll("remaining\\(49\\ds\\)", "remaining(about 500s)"))
                    .toList();
        });
    }

    @Test
    void leases_that_are_kept_alive_stay() {
        String id = leaseIn(run(embedded.endpoint(), "lease grant 2"));
        try (Running keeper = new Running(embedded.endpoint(), "lease keep-alive " + id)) {
            keeper.says(("lease " + id + " keepalived with TTL(2)\n").repeat(4));
        }
        await().atMost(PATIENCE)
                .until(() -> run(embedded.endpoint(), "lease timetolive " + id).contains("already expired"));
    }

    @Test
    void what_operators_ask() {
        Stream.of(
                        "endpoint health",
                        "alarm list",
                        "alarm disarm",
                        "defrag",
                        "user list",
                        "role list",
                        "auth disable",
                        "auth enable",
                        "user get somebody",
                        "role get something",
                        "--user a:b get x")
                .forEach(this::same);
        String embedded = this.embedded.endpoint();
        assertThat(run(embedded, "endpoint status"))
                .matches("ENDPOINT, [0-9a-f]+, 3\\.4\\.23, .*, true, false, 2, .*\n0");
        assertThat(run(embedded, "member list")).matches("[0-9a-f]+, started, embedded, , ENDPOINT, false\n0");
        assertThat(run(embedded, "snapshot save /dev/null")).contains("Unimplemented");
        assertThat(run(embedded, "user add somebody --no-password")).contains("Unimplemented");
    }

    @Test
    void watches() {
        both(endpoint -> {
            try (Running all = new Running(endpoint, "watch --prefix w/ --prev-kv");
                    Running one = new Running(endpoint, "watch w/c --write-out json")) {
                // Nothing tells that a watch stands but what it tells.
                await().atMost(PATIENCE).until(() -> {
                    run(endpoint, "put w/c 1");
                    return all.said().contains("w/c") && one.said().contains("Events");
                });
                run(endpoint, "put w/a 1");
                run(endpoint, "txn <<'EOF'\n\nput w/b 2\nput w/d 3\n\n\nEOF");
                run(endpoint, "del --prefix w/");
                String seen = all.says("DELETE\nw/d\n3\nw/d\n\n");
                return List.of(
                        seen.substring(seen.indexOf("PUT\nw/a")),
                        one.says("\"type\":1,\"kv\":{\"key\":\"dy9j\"").isEmpty());
            }
        });
    }

    @Test
    void locks_and_elections() {
        both(endpoint -> {
            String held = run(endpoint, "lock mutex -- echo held");
            String again = run(endpoint, "lock mutex -- echo held again");
            try (Running observer = new Running(endpoint, "elect --listen chair");
                    Running leader = new Running(endpoint, "elect chair first")) {
                leader.says("first");
                try (Running rival = new Running(endpoint, "elect chair second")) {
                    leader.process.terminate();
                    rival.says("second");
                }
                // Whether it began to observe in time for the first one is chance.
                String seen = observer.says("second\n").replaceAll("chair/[0-9a-f]+", "chair/ID");
                return List.of(held, again, seen.substring(seen.indexOf("chair/ID\nsecond")));
            }
        });
    }

    /** From "lease 694d000000000001 granted ...". */
    private static String leaseIn(String granted) {
        return granted.substring("lease ".length(), "lease ".length() + 16);
    }

    /** Both print the same for a command, to either output, and exit with the same status. */
    private String same(String command) {
        String expected = run(real.endpoints().get(0), command);
        assertThat(run(embedded.endpoint(), command)).as(command).isEqualTo(expected);
        return expected;
    }

    private void both(Function<String, Object> scenario) {
        Object expected = scenario.apply(real.endpoints().get(0));
        assertThat(scenario.apply(embedded.endpoint())).isEqualTo(expected);
    }

    private static String run(String endpoint, String command) {
        try (Running running = new Running(endpoint, command)) {
            int status =
                    running.process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
            return running.said()
                            // What differs from one run of etcdctl to the next, and from one cluster to the next.
                            .replaceAll("\"ts\":\"[^\"]*\"|client-[-0-9a-f]*|took = \\S+", "")
                            .replace(endpoint, "ENDPOINT")
                            .replace(endpoint.substring("http://".length()), "ENDPOINT")
                            .replaceAll("\"(cluster_id|member_id|raft_term)\":\\d+", "\"$1\":N")
                            .replaceAll("\"(ClusterID|MemberID|RaftTerm)\" : \\d+", "\"$1\" : N")
                    + status;
        }
    }

    /** An etcdctl that runs, and what it says to either output. */
    private static final class Running implements AutoCloseable {

        private final GuardedProcess process;
        private final Path output;

        Running(String endpoint, String command) {
            String script = ETCDCTL + " --command-timeout=10s --endpoints=" + endpoint + " " + command;
            ProcessBuilder recipe =
                    new ProcessBuilder("/bin/sh", "-c", command.contains("<<") ? script : "exec " + script);
            recipe.environment().put("ETCDCTL_API", "3");
            try {
                output = Files.createTempFile("etcdctl-", ".out");
                process = GuardedProcess.start(recipe.redirectErrorStream(true).redirectOutput(output.toFile()));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        String said() {
            try {
                return Files.readString(output);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        /** Waits until it has said something; gives all that it has said. */
        String says(String something) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(said()).contains(something));
            return said();
        }

        @Override
        public void close() {
            process.kill();
            try {
                Files.delete(output);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
