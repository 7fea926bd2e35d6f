package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a copy of the house where Java and Maven are scripts that tell what they were asked. */
class LauncherIT {

    private static final List<String> TOOLS =
            List.of("dirname", "readlink", "sed", "find", "mkdir", "flock", "cat", "touch");

    @TempDir
    private Path folder;

    private Path home;
    private Path tools;
    private Path sources;

    @BeforeEach
    void build() throws IOException {
        home = Files.createDirectories(folder.resolve("a house"));
        Files.copy(Path.of("..", "coterie"), home.resolve("coterie"));
        Files.setPosixFilePermissions(home.resolve("coterie"), PosixFilePermissions.fromString("rwxr-xr-x"));
        sources = Files.createDirectories(home.resolve("node-app/src/main/java"));
        Files.writeString(home.resolve("pom.xml"), "");
        Files.writeString(home.resolve("node-app/pom.xml"), "");
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            Optional<Path> there = Stream.of("/bin", "/usr/bin")
                    .map(place -> Path.of(place, tool))
                    .filter(Files::exists)
                    .findFirst();
            if (there.isPresent()) {
                script(tool, "exec " + there.get() + " \"$@\"\n");
            }
        }
        script("javac", "");
        script("java", """
            case $1 in -version) echo 'openjdk version "17.0.1"' >&2; exit ;; esac
            echo "java: $*"
            """);
        script("mvn", """
            echo "mvn: $*"
            mkdir -p "$(dirname "$0")/../a house/node-app/target"
            touch "$(dirname "$0")/../a house/node-app/target/coterie-node-app-1.jar"
            """);
    }

    @Test
    void it_builds_on_first_use_and_says_so() throws Exception {
        Run run = run(home.resolve("coterie").toString(), "demo", "--tasks", "3");

        assertThat(run.status).isZero();
        assertThat(run.errors).contains("coterie: building it, which takes about a minute the first time");
        assertThat(run.errors).contains("-P quick -Dmaven.test.skip=true package");
        assertThat(run.output)
                .startsWith("java: ")
                .contains("a house/node-app/target/coterie-node-app-1.jar:")
                .endsWith("dev.coterie.node.Coterie demo --tasks 3\n");
    }

    @Test
    void it_does_not_build_again_until_a_source_is_newer() throws Exception {
        run(home.resolve("coterie").toString());
        assertThat(run(home.resolve("coterie").toString()).errors).isEmpty();

        Path source = Files.writeString(sources.resolve("New.java"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));

        assertThat(run(home.resolve("coterie").toString()).errors)
                .contains("coterie: the sources have changed; building again");
    }

    @Test
    void it_works_through_symbolic_links_from_anywhere() throws Exception {
        Path one = Files.createSymbolicLink(folder.resolve("one"), Path.of("a house/coterie"));
        Path other = Files.createSymbolicLink(tools.resolve("other"), one);

        assertThat(run(other.toString(), "--version").output).endsWith("dev.coterie.node.Coterie --version\n");
    }

    @Test
    void benchmarks_get_the_full_compiler() throws Exception {
        assertThat(run(home.resolve("coterie").toString(), "node").output).contains("-XX:TieredStopAtLevel=1");
        assertThat(run(home.resolve("coterie").toString(), "bench", "channels").output)
                .startsWith("java: -Dcoterie.terminal");
    }

    @Test
    void an_archive_of_classes_is_made_with_the_build_and_used_if_it_is_there() throws Exception {
        assertThat(run(home.resolve("coterie").toString(), "members").output).doesNotContain("SharedArchiveFile");
        Files.writeString(home.resolve("node-app/target/coterie.jsa"), "");

        assertThat(run(home.resolve("coterie").toString(), "members").output)
                .contains("-XX:SharedArchiveFile=")
                .contains("a house/node-app/target/coterie.jsa");
        assertThat(run(home.resolve("coterie").toString(), "bench", "startup").output)
                .doesNotContain("SharedArchiveFile")
                .contains("-Dcoterie.tuning=-Xms16m");
    }

    @Test
    void a_java_that_is_missing_is_asked_for() throws Exception {
        Files.delete(tools.resolve("java"));

        Run run = run(home.resolve("coterie").toString());
        assertThat(run.status).isEqualTo(1);
        assertThat(run.errors)
                .contains("java: there is none on the PATH; Java 17 or later is needed; install one:")
                .contains("apt-get install openjdk-17-jdk-headless maven");
    }

    @Test
    void a_java_that_is_too_old_is_refused() throws Exception {
        script("java", "echo 'java version \"1.8.0_392\"' >&2");

        Run run = run(home.resolve("coterie").toString());
        assertThat(run.status).isEqualTo(1);
        assertThat(run.errors).contains("is version '1.8.0_392'; Java 17 or later is needed");
    }

    @Test
    void a_maven_that_is_missing_is_asked_for() throws Exception {
        Files.delete(tools.resolve("mvn"));

        Run run = run(home.resolve("coterie").toString());
        assertThat(run.status).isEqualTo(1);
        assertThat(run.errors).contains("mvn: Maven is needed to build and not on the PATH");
    }

    @Test
    void a_build_that_fails_is_the_end_of_it() throws Exception {
        script("mvn", "echo broken; exit 1");

        Run run = run(home.resolve("coterie").toString());
        assertThat(run.status).isEqualTo(1);
        assertThat(run.errors).contains("broken\n").contains("coterie: the build failed; the lines above say why");
        assertThat(run.output).isEmpty();
    }

    private void script(String name, String body) throws IOException {
        Path script = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + body);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Run run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        ProcessBuilder recipe = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        recipe.environment().clear();
        recipe.environment().put("PATH", tools.toString());
        Process process = recipe.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(
                process.exitValue(),
                Files.readString(output, StandardCharsets.UTF_8),
                Files.readString(errors, StandardCharsets.UTF_8));
    }

    private record Run(int status, String output, String errors) {}
}
