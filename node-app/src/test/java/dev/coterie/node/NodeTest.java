package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.balance.Strategy;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.node.local.LocalCluster;
import dev.coterie.node.local.LocalDiscovery;
import dev.coterie.node.local.ManualEventLoop;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.node.pipeline.PipelineEvent;
import dev.coterie.node.pipeline.PipelineSettings;
import dev.coterie.node.pipeline.Result;
import dev.coterie.node.pipeline.Task;
import dev.coterie.node.value.DurationRange;
import dev.coterie.node.value.IntRange;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a node says, on virtual time. */
class NodeTest {

    private static final PipelineSettings SETTINGS = new PipelineSettings(
            Duration.ofSeconds(10),
            IntRange.parse("42..42"),
            DurationRange.parse("3s..3s"),
            Strategy.RANDOM,
            Optional.empty(),
            Optional.empty());

    private final ManualEventLoop loop = new ManualEventLoop(1);
    private final LocalCluster cluster = new LocalCluster(loop);
    private final List<Event> said = new ArrayList<>();

    @Test
    void a_node_says_what_happens_to_it_in_the_order_in_which_it_happens() {
        LocalDiscovery a = start("a");
        LocalDiscovery b = cluster.join("b");
        cluster.elect(a);
        cluster.elect(b);
        cluster.kill(b);
        loop.run();

        assertThat(said.stream().map(Event::event))
                .containsExactly("added", "change", "promotion", "master", "demotion", "master", "removed", "change");
        assertThat(said).allSatisfy(event -> assertThat(event.node()).isEqualTo("a-id"));
    }

    @Test
    void a_task_and_its_result_are_told_by_master_and_executor() {
        LocalDiscovery a = start("a");
        start("b");
        cluster.elect(a);
        loop.advance(Duration.ofSeconds(13));

        assertThat(said.stream()
                        .filter(event -> event.fields().containsKey("uuid"))
                        .map(Event::event))
                .containsExactly("task", "work", "answer", "result");
        Event result = said.get(said.size() - 1);
        assertThat(result.fields())
                .containsEntry("number", 42)
                .containsEntry("result", 126L)
                .containsEntry("right", true)
                .containsEntry("executor", "b-id")
                .containsEntry("start", "2026-01-01T00:00:10.000Z")
                .containsEntry("finish", "2026-01-01T00:00:13.000Z");
    }

    @Test
    void every_minute_a_node_says_what_it_knows_about_itself_and_the_others() {
        LocalDiscovery a = start("a");
        cluster.join("b");
        cluster.elect(a);
        loop.advance(Duration.ofMinutes(2));

        List<Event> infos =
                said.stream().filter(event -> event.event().equals("info")).toList();
        assertThat(infos.stream().map(event -> event.text("up"))).containsExactly("60s", "120s");
        assertThat(infos.get(0).fields())
                .containsEntry("id", "a-id")
                .containsEntry("masters", List.of("a-id"))
                .containsKeys("address", "port", "revision", "counts");
        assertThat(infos.get(0).list("members").size()).isEqualTo(2);
    }

    @Test
    void a_node_that_was_stopped_says_nothing_more() {
        LocalDiscovery a = cluster.join("a");
        Node node = new Node(a, loop, SETTINGS, said::add);
        node.start();
        node.stop();
        cluster.join("b");
        loop.advance(Duration.ofMinutes(5));

        assertThat(said).isEmpty();
    }

    @Test
    void there_is_a_word_for_everything_that_can_happen() {
        assertThat(Stream.of(DiscoveryEvent.class, PipelineEvent.class)
                        .flatMap(type -> Stream.of(type.getPermittedSubclasses())))
                .allSatisfy(type -> assertThat(Words.name(type)).isNotEmpty());
    }

    @Test
    void people_get_a_line_in_words() {
        Member b = cluster.join("b").self();
        Task task = new Task("01234567-89ab-cdef-0123-456789abcdef", "b-id", 42);
        Result right = new Result(
                task.uuid(), 126, loop.clock().now(), loop.clock().now().plusMillis(3_250));

        assertThat(words(new PipelineEvent.Sent(task, b))).isEqualTo("task 01234567 to b-id: 42 x 3");
        assertThat(words(new PipelineEvent.Resent(task, b, 2, "its executor is gone")))
                .isEqualTo("task 01234567 to b-id, attempt 2: its executor is gone");
        assertThat(words(new PipelineEvent.Adopted(List.of(task)))).isEqualTo("sees to 1 task of earlier masters");
        assertThat(words(new PipelineEvent.Accepted(task, right, "b-id", true)))
                .isEqualTo("result of 01234567 from b-id: 126, right, after 3.2 s");
        assertThat(words(new PipelineEvent.Accepted(task, right, "b-id", false)))
                .contains("WRONG");
        assertThat(words(new PipelineEvent.Started(task, Duration.ofMillis(3_250))))
                .isEqualTo("works on 01234567: 42 x 3, for 3.2 s");
        assertThat(words(new PipelineEvent.Skipped("there is no other member")))
                .isEqualTo("no task this time: there is no other member");
        assertThat(words(new DiscoveryEvent.MemberAdded(b))).isEqualTo("+ b-id has come, at 127.0.0.1:1");
        assertThat(words(new DiscoveryEvent.Init(cluster.join("c").view(), b)))
                .isEqualTo("is here as b-id at 127.0.0.1:1; 1 other: c-id");
    }

    @Test
    void nobody_has_to_read_field_names() {
        LocalDiscovery a = start("a");
        LocalDiscovery b = start("b");
        cluster.elect(a);
        loop.advance(Duration.ofMinutes(2));
        cluster.elect(b);
        cluster.renew(b, "b-again");
        cluster.kill(b);
        loop.advance(Duration.ofMinutes(2));

        assertThat(said)
                .isNotEmpty()
                .allSatisfy(event -> assertThat(line(event)).doesNotContain("{", "uuid"));
    }

    private LocalDiscovery start(String name) {
        LocalDiscovery discovery = cluster.join(name);
        loop.run();
        new Node(discovery, loop, SETTINGS, said::add).start();
        return discovery;
    }

    private String words(Object event) {
        String line = line(new Event(Words.name(event), "a-id", loop.clock().now(), Words.fields(event)));
        return line.substring(line.indexOf("| ") + 2);
    }

    private static String line(Event event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output output = new Output(
                new PrintStream(bytes, true, StandardCharsets.UTF_8), false, new Palette(false), said -> "|");
        output.say(event);
        return bytes.toString(StandardCharsets.UTF_8).strip();
    }

    @Test
    void colours_are_for_those_who_have_them() {
        assertThat(new Palette(false).paint(1, "a")).isEqualTo("a");
        assertThat(new Palette(true).paint(1, "a")).isEqualTo("\u001b[33ma\u001b[0m");
        assertThat(Palette.of(Map.of()).bold("a")).isEqualTo("a");
    }
}
