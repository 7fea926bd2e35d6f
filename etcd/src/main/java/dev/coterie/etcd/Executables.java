package dev.coterie.etcd;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks programs up as a shell would. */
final class Executables {

    private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

    private Executables() {}

    /**
     * The program of that name.
     *
     * @param name a bare name, which is looked up, or a path, which is only checked
     * @param searchPath the value of the environment variable PATH; null if it is not set
     */
    static Optional<Path> find(String name, @Nullable String searchPath) {
        if (name.contains("/")) {
            return Optional.of(Path.of(name)).filter(Executables::isProgram);
        }
        return SEPARATOR
                .splitAsStream(searchPath == null ? "" : searchPath)
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Executables::isProgram)
                .findFirst();
    }

    static boolean isProgram(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path);
    }
}
