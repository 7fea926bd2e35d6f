package dev.coterie.etcd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Debian's packages of etcd, unpacked into a folder of the user instead of installed. apt works in state and cache folders
 * of its own, so neither root nor an earlier {@code apt-get update} is needed.
 */
final class DebianPackage {

    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private final Path apt;
    private final Path dpkg;
    private final Path cache;

    private DebianPackage(Path apt, Path dpkg, Path cache) {
        this.apt = apt;
        this.dpkg = dpkg;
        this.cache = cache;
    }

    /**
     * The packages, on a machine that has what it takes to unpack them.
     *
     * @param searchPath where apt and dpkg are looked for
     * @param cache the folder that the programs go to
     */
    static Optional<DebianPackage> on(@Nullable String searchPath, Path cache) {
        return Executables.find("apt-get", searchPath)
                .flatMap(apt -> Executables.find("dpkg", searchPath).map(dpkg -> new DebianPackage(apt, dpkg, cache)));
    }

    /** Puts {@code etcd} and {@code etcdctl} into the cache. */
    void fetch() throws IOException {
        Files.createDirectories(cache);
        // A folder of its own for each attempt: several processes may be at it at once.
        Path work = Files.createTempDirectory(cache, "fetch-");
        try {
            download(work);
            unpack(work);
        } finally {
            Folders.delete(work);
        }
    }

    private void download(Path work) throws IOException {
        List<String> command = new ArrayList<>(List.of(apt.toString(), "-q"));
        for (String folder : List.of("lists/partial", "archives/partial")) {
            Files.createDirectories(work.resolve(folder));
        }
        List.of(
                        "Dir::State=" + work,
                        "Dir::State::lists=" + work.resolve("lists"),
                        "Dir::State::status=/var/lib/dpkg/status",
                        "Dir::Cache=" + work,
                        "Dir::Cache::archives=" + work.resolve("archives"),
                        "Debug::NoLocking=true",
                        // As root, apt would hand over to a user who may not read the cache folder.
                        "APT::Sandbox::User=root",
                        "Acquire::Retries=2")
                .forEach(option -> command.addAll(List.of("-o", option)));
        run(work, with(command, "update"));
        run(work, with(command, "download", "etcd-server", "etcd-client"));
    }

    private void unpack(Path work) throws IOException {
        Path root = work.resolve("root");
        List<Path> packages;
        try (Stream<Path> files = Files.list(work)) {
            packages = files.filter(file -> file.toString().endsWith(".deb"))
                    .sorted()
                    .toList();
        }
        for (Path file : packages) {
            run(work, List.of(dpkg.toString(), "-x", file.toString(), root.toString()));
        }
        for (String program : List.of("etcd", "etcdctl")) {
            Path unpacked = root.resolve("usr/bin").resolve(program);
            if (Files.exists(unpacked)) {
                Files.move(unpacked, cache.resolve(program), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static List<String> with(List<String> command, String... more) {
        List<String> longer = new ArrayList<>(command);
        longer.addAll(List.of(more));
        return longer;
    }

    private static void run(Path work, List<String> command) throws IOException {
        ProcessBuilder recipe = new ProcessBuilder(command).directory(work.toFile());
        recipe.environment().put("LC_ALL", "C");
        Commands.run(recipe, DEADLINE);
    }
}
