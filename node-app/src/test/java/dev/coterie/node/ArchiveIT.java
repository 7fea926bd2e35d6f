package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.node.archive.Archive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes, with a Java of its own. */
class ArchiveIT {

    @TempDir
    private static Path folder;

    private static Path archive;
    private static String before;

    /** Java takes jars into an archive, and no folders. */
    @BeforeAll
    static void make() throws IOException {
        before = System.getProperty("java.class.path");
        System.setProperty("java.class.path", jars());
        archive = folder.resolve("coterie.jsa");
        Archive.make(archive, "dev.coterie.node.Rehearsal");
    }

    @AfterAll
    static void restore() {
        System.setProperty("java.class.path", before);
    }

    private static String jars() throws IOException {
        try (Stream<Path> lib = Files.list(Path.of("target", "coterie", "lib"))) {
            return lib.map(path -> path.toAbsolutePath().toString()).sorted().collect(Collectors.joining(":"));
        }
    }

    @Test
    void java_takes_its_classes_from_it() throws Exception {
        Run run = version(archive, "-Xlog:class+load:file=" + folder.resolve("loaded"));

        assertThat(run.status).isZero();
        assertThat(run.output).startsWith("coterie ");
        assertThat(Files.readString(folder.resolve("loaded")))
                .containsPattern("dev\\.coterie\\.node\\.Coterie source: shared objects file");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(path -> path.toString().endsWith(".lst"))).isEmpty();
        }
    }

    @Test
    void one_that_is_broken_of_another_java_or_missing_is_passed_over_in_silence() throws Exception {
        Path broken = Files.write(folder.resolve("broken.jsa"), new byte[4096]);
        byte[] bytes = Files.readAllBytes(archive);
        Path other = folder.resolve("other.jsa");
        byte[] version = System.getProperty("java.vm.version").getBytes(StandardCharsets.US_ASCII);
        int at = indexOf(bytes, version);
        assertThat(at).isPositive();
        bytes[at]++;
        Files.write(other, bytes);

        for (Path file : List.of(broken, other, folder.resolve("missing.jsa"))) {
            Run run = version(file);
            assertThat(run.status).as(file.toString()).isZero();
            assertThat(run.output).as(file.toString()).matches("coterie .*\n");
        }
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at < Math.min(bytes.length, 8192) - part.length; at++) {
            if (java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    private static Run version(Path file, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
        command.addAll(Archive.flags(file));
        command.addAll(List.of(more));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.coterie.node.Coterie", "--version"));
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(output));
    }

    private record Run(int status, String output) {}
}
