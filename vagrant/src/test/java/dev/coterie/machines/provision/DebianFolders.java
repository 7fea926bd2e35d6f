package dev.coterie.machines.provision;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coterie.machines.lab.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Fresh Debian machines in folders, as debootstrap makes them. The folders are in memory, which a package manager that
 * waits for the disk all the time thanks for, and in a mount namespace that is gone when this process is.
 */
final class DebianFolders implements AutoCloseable {

    /** The release that the boxes of the Vagrantfile have. */
    private static final String RELEASE = "trixie";

    private static final Path FOLDER = Path.of("target", "debian").toAbsolutePath();
    private static final Path CACHE =
            Path.of("target", "debian-" + RELEASE + ".tar").toAbsolutePath();

    private final Process holder;

    private DebianFolders(Process holder) {
        this.holder = holder;
    }

    /** Makes room for them. */
    static DebianFolders create() {
        assumeTrue("root".equals(System.getProperty("user.name")), "a Debian in a folder needs root");
        assumeTrue(
                Files.isExecutable(Path.of("/usr/sbin/debootstrap")), "there is no debootstrap; .ci/run installs it");
        try {
            Files.createDirectories(FOLDER);
            Process holder = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "sh",
                            "-c",
                            "mount -t tmpfs -o size=3g,mode=0755 debian \"$0\" && echo up && exec cat",
                            FOLDER.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (holder.getInputStream().read() < 0) {
                throw new IllegalStateException("there is no room for a Debian in memory");
            }
            return new DebianFolders(holder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A fresh machine. */
    void add(String name) {
        if (!Files.exists(CACHE)) {
            bootstrap();
        }
        outside("""
                mkdir -p "$1" && tar -xf "$2" -C "$1"
                mount -t proc proc "$1/proc"
                mount --rbind /dev "$1/dev"
                cp /etc/resolv.conf "$1/etc/"
                cp /etc/apt/apt.conf.d/*proxy* "$1/etc/apt/apt.conf.d/" 2>/dev/null || true
                printf '#!/bin/sh\\nexit 101\\n' >"$1/usr/sbin/policy-rc.d"
                chmod +x "$1/usr/sbin/policy-rc.d"
                """, root(name), CACHE).orFail();
    }

    private void bootstrap() {
        // From where this machine has its packages.
        String mirror = Script.run(List.of(
                        "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"))
                .orFail()
                .lines()
                .filter(uri -> !uri.contains("security"))
                .findFirst()
                .orElse("");
        outside("""
                debootstrap --variant=minbase "$1" "$2" ${3:+"$3"} >"$2.log" 2>&1 || { tail -n 20 "$2.log" >&2; exit 1; }
                tar -cf "$4.part" -C "$2" . && mv "$4.part" "$4"
                rm -rf "$2"
                """, RELEASE, FOLDER.resolve("base"), mirror, CACHE).orFail();
    }

    /** Copies files and folders of this machine into a folder of another. */
    void copy(List<Path> from, String name, String to) {
        List<Object> words = new ArrayList<>(List.of(root(name) + to));
        from.forEach(path -> words.add(path.toAbsolutePath()));
        outside("mkdir -p \"$1\" && cp -a \"${@:2}\" \"$1\"", words.toArray()).orFail();
    }

    /** Runs a command in one of them. */
    Script run(String name, String... command) {
        return Script.run(inside(name, command));
    }

    /** What runs a command in one of them. */
    List<String> inside(String name, String... command) {
        List<String> words = new ArrayList<>(List.of(
                "nsenter",
                "--mount",
                "--target",
                "" + holder.pid(),
                "env",
                "-i",
                "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
        System.getenv().forEach((variable, value) -> {
            if (variable.toLowerCase(Locale.ROOT).endsWith("_proxy")) {
                words.add(variable + "=" + value);
            }
        });
        words.addAll(List.of("chroot", root(name)));
        words.addAll(List.of(command));
        return words;
    }

    /** Runs a script on this machine that sees the folders. */
    private Script outside(String script, Object... arguments) {
        List<String> words = new ArrayList<>(
                List.of("nsenter", "--mount", "--target", "" + holder.pid(), "bash", "-ec", script, "debian"));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return Script.run(words);
    }

    private static String root(String name) {
        return FOLDER.resolve(name).toString();
    }

    @Override
    public void close() {
        holder.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
