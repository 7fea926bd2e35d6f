package dev.coterie.bench.systems;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.SchedulableInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.coterie.bench.host.Ports;
import dev.coterie.bench.host.Processes;
import dev.coterie.bench.peer.MissingServer;
import dev.coterie.bench.peer.Node;
import dev.coterie.bench.peer.Peer;
import dev.coterie.bench.peer.Server;
import dev.coterie.bench.peer.Timers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * db-scheduler on PostgreSQL, which syncs. Profile {@code default} polls every 10 s, as is its default; {@code fast} locks and
 * fetches every 100 ms.
 */
public final class DbSchedulerPeer implements Peer {

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private static final List<String> TABLE = List.of(
            """
            create table scheduled_tasks (task_name text not null, task_instance text not null, task_data bytea,
            execution_time timestamp with time zone not null, picked boolean not null, picked_by text,
            last_success timestamp with time zone, last_failure timestamp with time zone, consecutive_failures int,
            last_heartbeat timestamp with time zone, version bigint not null, priority smallint,
            primary key (task_name, task_instance))""",
            "create index execution_time_idx on scheduled_tasks (execution_time)",
            "create index last_heartbeat_idx on scheduled_tasks (last_heartbeat)");

    @Override
    public Map<String, Map<String, String>> profiles() {
        return Map.of("default", Map.of(), "fast", Map.of("pollms", "100"));
    }

    @Override
    public Server start(Path dir, Map<String, String> options) throws Exception {
        Path programs = programs();
        int port = Ports.free();
        String data = dir.resolve("pg").toString();
        List<String> user = user(dir);
        List<String> init = List.of(programs.resolve("initdb").toString(), "-D", data, "-A", "trust", "-U", "bench");
        if (Processes.start(dir, "initdb", Map.of(), concat(user, init)).waitFor() != 0) {
            throw new IOException("initdb failed");
        }
        List<String> run = List.of(
                programs.resolve("postgres").toString(),
                "-D",
                data,
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-k",
                data);
        Process process = Processes.start(dir, "postgres", Map.of(), concat(user, run));
        Ports.await(port, process, 30);
        Thread.sleep(500);
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=bench";
        createTable(url);
        return Server.of(url, process);
    }

    private static Path programs() throws IOException, MissingServer {
        if (!Files.isDirectory(VERSIONS)) {
            throw new MissingServer("PostgreSQL in " + VERSIONS, "postgresql");
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
        }
    }

    /** PostgreSQL refuses to run as root. */
    private static List<String> user(Path dir) throws IOException, InterruptedException {
        if (!System.getProperty("user.name").equals("root")) {
            return List.of();
        }
        new ProcessBuilder("chown", "postgres:postgres", dir.toString())
                .inheritIO()
                .start()
                .waitFor();
        return List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups");
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    private static void createTable(String url) throws SQLException {
        try (HikariDataSource source = source(url, 1);
                Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String command : TABLE) {
                statement.execute(command);
            }
        }
    }

    private static HikariDataSource source(String url, int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }

    @Override
    public Node connect(String address, String id, Map<String, String> options) {
        return new DbNode(source(address, 12), id, options);
    }

    private record DbNode(HikariDataSource source, String id, Map<String, String> options) implements Node {

        @Override
        public Timers timers() {
            return new DbTimers(source, id, options);
        }

        @Override
        public void leave() {
            source.close();
        }
    }

    private static final class DbTimers implements Timers {

        private static final int THREADS = 10;

        private final DataSource source;
        private final String id;
        private final Map<String, String> options;
        private volatile ObjLongConsumer<String> listener = (job, due) -> {};
        private final OneTimeTask<Long> task = Tasks.oneTime("timer", Long.class)
                .execute((instance, context) -> listener.accept(instance.getId(), instance.getData()));
        private final SchedulerClient client;

        DbTimers(DataSource source, String id, Map<String, String> options) {
            this.source = source;
            this.id = id;
            this.options = options;
            this.client = SchedulerClient.Builder.create(source, task).build();
        }

        @Override
        public void schedule(Job job) {
            client.scheduleIfNotExists(instance(job));
        }

        @Override
        public void scheduleAll(List<Job> jobs) {
            client.scheduleBatch(jobs.stream().map(this::instance).toList());
        }

        private SchedulableInstance<?> instance(Job job) {
            return SchedulableInstance.of(
                    task.instance(job.id(), job.dueMillis()), Instant.ofEpochMilli(job.dueMillis()));
        }

        @Override
        public void onFire(ObjLongConsumer<String> to) {
            listener = to;
            SchedulerBuilder builder =
                    Scheduler.create(source, task).threads(THREADS).schedulerName(new SchedulerName.Fixed(id));
            if (options.containsKey("pollms")) {
                builder.pollingInterval(Duration.ofMillis(Long.parseLong(options.get("pollms"))))
                        .pollUsingLockAndFetch(0.5, 4.0);
            }
            builder.build().start();
        }
    }
}
