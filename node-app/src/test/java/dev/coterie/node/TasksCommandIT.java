package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.etcd.EtcdProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Tasks and timers from the command line, against a node in this JVM and a real etcd. */
class TasksCommandIT {

    private final EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Cluster node;

    @BeforeEach
    void join() {
        node = Cluster.join(ClusterConfig.of(etcd.endpoints().get(0))
                .withName("node")
                .withAddress("127.0.0.1")
                .withPort(0));
        var unused = node.tasks().handle("multiply", Long.class, number -> 3 * number);
        var unusedToo = node.tasks().handle("fail", Long.class, (number, run) -> {
            throw new IllegalStateException("on purpose");
        });
    }

    @AfterEach
    void leave() {
        node.close();
        etcd.close();
    }

    @Test
    void a_task_is_submitted_and_its_result_printed() {
        assertThat(run("tasks", "submit", "multiply", "14")).isZero();
        assertThat(out.toString().strip()).isEqualTo("42");
    }

    @Test
    void what_has_failed_is_listed_explained_and_dropped() {
        assertThat(run("tasks", "submit", "fail", "1", "--id", "bad", "--attempts", "1"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("task bad has failed: java.lang.IllegalStateException: on purpose");
        assertThat(run("tasks", "dead", "--json")).isZero();
        assertThat(out.toString()).contains("\"id\":\"bad\"").contains("\"state\":\"DEAD\"");
        assertThat(run("explain", "task", "bad")).isZero();
        assertThat(out.toString()).contains("all its attempts have failed");
        assertThat(run("tasks", "drop", "bad")).isZero();
        assertThat(run("tasks", "retry", "bad")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).contains("'bad' is no dead letter");
    }

    @Test
    void a_timer_is_set_shown_and_cleared() {
        assertThat(run("timers", "set", "t", "1h", "multiply", "5")).isZero();
        assertThat(run("explain", "timer", "t")).isZero();
        assertThat(out.toString()).contains("timer t of type multiply is SCHEDULED");
        assertThat(run("timers", "list")).isZero();
        assertThat(out.toString()).contains("SCHEDULED");
        assertThat(run("timers", "clear", "t", "--json")).isZero();
        assertThat(out.toString()).contains("\"answer\":\"CLEARED\"");
        assertThat(run("timers", "show", "none")).isEqualTo(ExitCode.FAILED);
        assertThat(run("timers", "set", "t", "soon", "multiply")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("delay: 'soon' will not do");
    }

    private int run(String... words) {
        List<String> arguments = new ArrayList<>(Arrays.asList(words));
        arguments.addAll(List.of("--etcd", etcd.endpoints().get(0)));
        CommandLine line = Coterie.commandLine(Cluster::join);
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments.toArray(new String[0]));
    }
}
