package dev.coterie.workers.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {

    private final ByteBuffer buffer = ByteBuffer.allocate(100);

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("a.log");
    }

    @Test
    void it_begins_with_a_whole_line_near_the_end_and_goes_on() throws IOException {
        write("one\ntwo\nthree\n");
        try (LogTail tail = new LogTail(file, 8)) {
            assertThat(read(tail)).isEqualTo("three\n");
            assertThat(read(tail)).isEmpty();
            write("four\n");
            assertThat(read(tail)).isEqualTo("four\n");
        }
    }

    @Test
    void a_line_that_is_longer_than_what_is_wanted_is_cut() throws IOException {
        write("x".repeat(5000));
        try (LogTail tail = new LogTail(file, 10)) {
            assertThat(read(tail)).isEqualTo("xxxxxxxxxx");
        }
    }

    @Test
    void a_file_that_is_not_there_yet_is_waited_for() throws IOException {
        try (LogTail tail = new LogTail(file, 100)) {
            assertThat(read(tail)).isEmpty();
            write("one\n");
            assertThat(read(tail)).isEqualTo("one\n");
        }
    }

    @Test
    void nothing_is_left_out_when_the_file_is_renamed_and_another_takes_its_place() throws IOException {
        write("one\n");
        try (LogTail tail = new LogTail(file, 100)) {
            assertThat(read(tail)).isEqualTo("one\n");
            write("two\n");
            Files.move(file, folder.resolve("a.log.1"));
            assertThat(read(tail)).isEqualTo("two\n");
            assertThat(read(tail)).isEmpty();
            write("three\n");
            assertThat(read(tail)).isEqualTo("three\n");
        }
    }

    @Test
    void a_file_that_was_emptied_is_read_from_its_beginning() throws IOException {
        write("one\ntwo\n");
        try (LogTail tail = new LogTail(file, 100)) {
            assertThat(read(tail)).isEqualTo("one\ntwo\n");
            Files.writeString(file, "3\n");
            assertThat(read(tail)).isEmpty();
            assertThat(read(tail)).isEqualTo("3\n");
        }
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String read(LogTail tail) throws IOException {
        return tail.read(buffer) ? UTF_8.decode(buffer).toString() : "";
    }
}
