package dev.coterie.workers.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileIT {

    private final List<String> warnings = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void a_full_file_is_renamed_and_the_oldest_is_deleted() throws IOException {
        LogFile log = new LogFile(folder.resolve("a.log"), 100, 3, warnings::add);
        for (int line = 0; line < 50; line++) {
            say(log, "line %02d\n".formatted(line));
        }
        assertThat(Files.readString(folder.resolve("a.log")))
                .startsWith("line 48")
                .endsWith("line 49\n");
        assertThat(Files.size(folder.resolve("a.log.1"))).isLessThanOrEqualTo(100);
        assertThat(Files.readString(folder.resolve("a.log.2"))).contains("line 24");
        assertThat(folder.resolve("a.log.3")).doesNotExist();
        assertThat(warnings).isEmpty();
    }

    @Test
    void a_full_disk_is_told_once_and_survived() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(shell("mount -t tmpfs -o size=64k tmpfs " + disk), "a small disk can be made by root only");
        try (LogFile log = new LogFile(disk.resolve("a.log"), 1_000_000, 2, warnings::add)) {
            for (int kilobyte = 0; kilobyte < 200; kilobyte++) {
                say(log, "x".repeat(1024));
            }
            assertThat(log.dropped()).isGreaterThan(100_000);
            assertThat(warnings).singleElement().asString().contains("No space left on device");

            Files.delete(disk.resolve("a.log"));
            say(log, "there is room again");

            assertThat(Files.readString(disk.resolve("a.log"))).isEqualTo("there is room again");
            assertThat(warnings).hasSize(2).last().asString().contains("can be written again");
        } finally {
            assertThat(shell("umount " + disk)).isTrue();
        }
    }

    private static void say(LogFile log, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        log.append(bytes, bytes.length);
    }

    private static boolean shell(String command) throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", command + " 2>/dev/null").start().waitFor() == 0;
    }
}
