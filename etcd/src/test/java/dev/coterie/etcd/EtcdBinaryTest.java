package dev.coterie.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdBinaryTest {

    @TempDir
    private Path folder;

    @Test
    void a_named_program_comes_first() throws IOException {
        Path named = program("named", "my-etcd");
        Path path = program("bin", "etcd").getParent();

        assertThat(new EtcdBinary("" + path, folder).etcd(named)).isEqualTo(named);
    }

    @Test
    void a_named_program_that_is_not_there_is_not_looked_for_elsewhere() throws IOException {
        Path path = program("bin", "etcd").getParent();

        assertThatThrownBy(() -> new EtcdBinary("" + path, folder).etcd(folder.resolve("nothing")))
                .isInstanceOf(EtcdException.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void the_path_comes_before_the_cache() throws IOException {
        Path cached = program("cache", "etcd");
        Path onPath = program("bin", "etcd");

        assertThat(new EtcdBinary(folder.resolve("empty") + ":" + onPath.getParent(), folder.resolve("cache"))
                        .etcd(null))
                .isEqualTo(onPath);
        assertThat(new EtcdBinary("" + folder, folder.resolve("cache")).etcd(null))
                .isEqualTo(cached);
        assertThat(new EtcdBinary(null, folder.resolve("cache")).installedEtcd())
                .contains(cached);
    }

    @Test
    void without_any_the_error_says_how_to_get_one() {
        EtcdBinary nowhere = new EtcdBinary("" + folder, folder.resolve("cache"));

        assertThat(nowhere.installedEtcd()).isEmpty();
        assertThatThrownBy(() -> nowhere.etcdctl(null))
                .isInstanceOfSatisfying(
                        EtcdException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(EtcdException.Kind.NOT_FOUND))
                .hasMessageContainingAll(
                        "etcdctl is neither on the PATH nor in",
                        "apt-get install etcd-server etcd-client",
                        "dnf install etcd",
                        "brew install etcd",
                        "docker run",
                        "http://127.0.0.1:2379");
    }

    @Test
    void a_fetch_that_fails_is_told_with_what_apt_said() throws IOException {
        Files.writeString(program("bin", "apt-get"), "#!/bin/sh\necho no network today >&2; exit 100");
        program("bin", "dpkg");

        assertThatThrownBy(() -> new EtcdBinary("" + folder.resolve("bin"), folder.resolve("cache")).etcd(null))
                .hasMessageContainingAll("no network today", "status 100", "brew install etcd");
    }

    @Test
    void the_cache_is_the_users_own() {
        assertThat(EtcdBinary.cacheFolder(Map.of(), "/home/someone"))
                .isEqualTo(Path.of("/home/someone/.cache/coterie/etcd"));
        assertThat(EtcdBinary.cacheFolder(Map.of("XDG_CACHE_HOME", "/caches"), "/home/someone"))
                .isEqualTo(Path.of("/caches/coterie/etcd"));
        assertThat(EtcdBinary.cacheFolder(Map.of("XDG_CACHE_HOME", "relative"), "/home/someone"))
                .isEqualTo(Path.of("/home/someone/.cache/coterie/etcd"));
    }

    private Path program(String place, String name) throws IOException {
        Path file = Files.createDirectories(folder.resolve(place)).resolve(name);
        Files.writeString(file, "#!/bin/sh\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
