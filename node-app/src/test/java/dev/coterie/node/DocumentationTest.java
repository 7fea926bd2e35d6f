package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.node.pipeline.PipelineEvent;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
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
        String readme = Files.readString(ROOT.resolve("README.md"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);

        assertThat(block.find()).isTrue();
        assertThat(block.group(1)).isEqualTo(Files.readString(Path.of("src/test/java/example/Greetings.java")));
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
    void the_reference_has_every_event() throws IOException {
        List<String> lines = reference();

        assertThat(Stream.of(DiscoveryEvent.class, PipelineEvent.class)
                        .flatMap(type -> Stream.of(type.getPermittedSubclasses()))
                        .map(Words::name))
                .allSatisfy(name ->
                        assertThat(lines).anySatisfy(line -> assertThat(line).startsWith("| `" + name + "` |")));
    }

    private static List<String> reference() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/reference.md"));
    }
}
