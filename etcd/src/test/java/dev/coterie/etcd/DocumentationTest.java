package dev.coterie.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DocumentationTest {

    @Test
    void the_example_in_the_documentation_is_the_one_that_is_tested() throws Exception {
        String example = Files.readString(Path.of("src/test/java/example/SeatsTest.java"));

        assertThat(Files.readString(Path.of("../docs/etcd.md"))).contains(example);
    }
}
