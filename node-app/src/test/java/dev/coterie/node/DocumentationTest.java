package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.service.ServiceEvent;
import dev.coterie.node.pipeline.PipelineEvent;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
import dev.coterie.workers.traffic.BalancerFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documentation says is what the code does. */
class DocumentationTest {

    /** Tests run in the module's folder. */
    private static final Path ROOT = Path.of("..");

    @Test
    void the_program_in_the_readme_is_the_one_that_is_compiled_and_tried() throws IOException {
        assertThat(program("README.md")).isEqualTo(Files.readString(Path.of("src/test/java/example/Greetings.java")));
    }

    @Test
    void the_program_on_services_is_the_one_that_is_compiled_and_tried() throws IOException {
        assertThat(program("docs/services.md")).isEqualTo(Files.readString(Path.of("src/test/java/example/Shop.java")));
    }

    private static String program(String page) throws IOException {
        String text = Files.readString(ROOT.resolve(page));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(text);
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    @Test
    void the_reference_has_every_setting_with_its_flag_variable_and_default() throws IOException {
        List<String> lines = reference();

        assertThat(Stream.concat(Settings.NODE.stream(), Settings.DEMO.stream()))
                .allSatisfy(setting ->
                        assertThat(lines).anySatisfy(line -> assertThat(line).isEqualTo(row(setting))));
    }

    private static String row(Setting<?> setting) {
        String value = setting.isSwitch() ? "" : " " + setting.label().replace("|", "\\|");
        String fallback = setting.fallback().isEmpty() ? setting.meaning() : "`" + setting.fallback() + "`";
        return "| `%s%s` | `%s` | %s | %s |"
                .formatted(setting.flag(), value, setting.variable(), fallback, setting.help());
    }

    @Test
    void the_reference_has_every_exit_status_and_every_command() throws IOException {
        List<String> lines = reference();

        assertThat(ExitCode.MEANINGS)
                .allSatisfy((status, meaning) -> assertThat(lines).contains("| " + status + " | " + meaning + " |"));
        assertThat(Coterie.commandLine(Cluster::join).getSubcommands().keySet())
                .allSatisfy(name ->
                        assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("| `coterie " + name)));
    }

    @Test
    void every_flag_of_workers_and_of_the_balancer_is_there_with_its_default() throws IOException {
        List<String> lines = reference();
        assertThat(Coterie.commandLine(Cluster::join)
                        .getSubcommands()
                        .get("workers")
                        .getSubcommands()
                        .get("run")
                        .getCommandSpec()
                        .options())
                .filteredOn(option -> !option.usageHelp() && !option.versionHelp())
                .allSatisfy(option -> assertThat(lines)
                        .anySatisfy(line -> assertThat(line)
                                .startsWith("| `" + option.longestName())
                                .contains(option.defaultValue() == null ? "" : "| `" + option.defaultValue() + "` |")));

        List<String> balancer = Files.readAllLines(ROOT.resolve("docs/workers.md"));
        assertThat(BalancerFlags.USUAL)
                .allSatisfy(flag -> assertThat(balancer)
                        .anySatisfy(line -> assertThat(line)
                                .startsWith("| `-" + flag.name() + "`")
                                .contains(flag.fallback().isEmpty() ? "" : "| `" + flag.fallback() + "` |")));
    }

    @Test
    void the_reference_has_every_event() throws IOException {
        List<String> lines = reference();

        assertThat(Stream.of(DiscoveryEvent.class, ServiceEvent.class, PipelineEvent.class)
                        .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
                        .map(Words::name))
                .allSatisfy(name ->
                        assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("| `" + name + "` |")));
    }

    private static List<String> reference() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/reference.md"));
    }
}
