package dev.coterie.node;

import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.UsageException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;

/** A file with a secret in it, which only its owner may read. */
final class SecretFile {

    private SecretFile() {}

    /**
     * What is in it; it is said nowhere.
     *
     * @param setting that names the file
     * @throws UsageException if it cannot be used
     */
    static String read(Setting<?> setting, String name) {
        try {
            Path file = Path.of(name);
            if (!Files.isRegularFile(file)) {
                throw refused(setting, name, "is no file; make it with 'head -c 32 /dev/urandom | base64'");
            }
            if (isOpenToOthers(file)) {
                throw refused(setting, name, "can be read by others; 'chmod 600' it");
            }
            String secret = Files.readString(file).strip();
            if (secret.isEmpty()) {
                throw refused(setting, name, "is empty; fill it with 'head -c 32 /dev/urandom | base64'");
            }
            return secret;
        } catch (MalformedInputException notText) {
            throw refused(setting, name, "is not text; fill it with 'head -c 32 /dev/urandom | base64'");
        } catch (IOException | InvalidPathException failure) {
            throw refused(setting, name, "cannot be read (" + failure + "); check its name and who may read it");
        }
    }

    private static UsageException refused(Setting<?> setting, String name, String why) {
        return new UsageException(setting.name() + ": '" + name + "' " + why);
    }

    private static boolean isOpenToOthers(Path file) throws IOException {
        // Asked of the file and not of its file system, which a process in a changed root cannot always find.
        return Files.getFileAttributeView(file, PosixFileAttributeView.class) != null
                && Files.getPosixFilePermissions(file).stream()
                        .anyMatch(permission -> !permission.name().startsWith("OWNER"));
    }
}
