package dev.coterie.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** That Debian's package of etcd can be fetched and runs. */
@EnabledIfSystemProperty(
        named = "coterie.test.fetch",
        matches = "true",
        disabledReason = "downloads 15 MB from Debian; .ci/run asks for it with -Dcoterie.test.fetch=true")
@Timeout(240)
class EtcdFetchIT {

    @Test
    void debians_package_is_fetched_into_the_cache_and_runs(@TempDir Path folder) throws Exception {
        Path tools = Files.createDirectory(folder.resolve("bin"));
        Path cache = folder.resolve("cache");
        for (String tool : new String[] {"apt-get", "dpkg"}) {
            Path script = tools.resolve(tool);
            Files.writeString(script, "#!/bin/sh\nexec /usr/bin/" + tool + " \"$@\"\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();
        }
        EtcdBinary binary = new EtcdBinary("" + tools, cache);

        assertThat(binary.etcd(null)).isEqualTo(cache.resolve("etcd"));
        assertThat(binary.etcdctl(null)).isEqualTo(cache.resolve("etcdctl"));
        try (var left = Files.list(cache)) {
            assertThat(left).hasSize(2);
        }
        assertThat(Commands.run(new ProcessBuilder("" + cache.resolve("etcd"), "--version"), Duration.ofSeconds(10)))
                .startsWith("etcd Version: 3.");
    }
}
