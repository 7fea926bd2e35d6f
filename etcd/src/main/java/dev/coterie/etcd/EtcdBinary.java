package dev.coterie.etcd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the programs of a real etcd on this machine: where they were named to be, else on the PATH, else in Coterie's
 * cache, else fetched into that cache as Debian's package, for which no root is needed. Any thread.
 */
public final class EtcdBinary {

    private static final Logger log = LoggerFactory.getLogger(EtcdBinary.class);

    private final @Nullable String searchPath;
    private final Path cache;

    EtcdBinary(@Nullable String searchPath, Path cache) {
        this.searchPath = searchPath;
        this.cache = cache;
    }

    /** Looks in the PATH of this process and in the user's cache folder. */
    public static EtcdBinary onThisMachine() {
        return new EtcdBinary(System.getenv("PATH"), cacheFolder(System.getenv(), System.getProperty("user.home")));
    }

    /** {@code $XDG_CACHE_HOME/coterie/etcd}, or the same below {@code ~/.cache}. */
    static Path cacheFolder(Map<String, String> environment, String home) {
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = xdg.startsWith("/") ? Path.of(xdg) : Path.of(home, ".cache");
        return caches.resolve("coterie").resolve("etcd");
    }

    /**
     * The server.
     *
     * @param named where it is said to be, and nowhere else; null to look for it
     * @throws EtcdException of kind {@link EtcdException.Kind#NOT_FOUND}, saying how to install it
     */
    public Path etcd(@Nullable Path named) {
        return find("etcd", named);
    }

    /**
     * The command-line client; otherwise as {@link #etcd(Path)}.
     *
     * @param named where it is said to be, and nowhere else; null to look for it
     */
    public Path etcdctl(@Nullable Path named) {
        return find("etcdctl", named);
    }

    /** The server, if it can be had without fetching it. Quick, and never uses the network. */
    public Optional<Path> installedEtcd() {
        return installed("etcd");
    }

    private Path find(String program, @Nullable Path named) {
        if (named != null) {
            if (!Executables.isProgram(named)) {
                throw new EtcdException(
                        EtcdException.Kind.NOT_FOUND,
                        program + ": '" + named + "' is not a program that can be run; name another, or none to have "
                                + "it looked for");
            }
            return named.toAbsolutePath();
        }
        return installed(program).orElseGet(() -> fetched(program));
    }

    private Optional<Path> installed(String program) {
        return Executables.find(program, searchPath)
                .or(() -> Optional.of(cache.resolve(program)).filter(Executables::isProgram))
                .map(Path::toAbsolutePath);
    }

    private Path fetched(String program) {
        DebianPackage debian = DebianPackage.on(searchPath, cache).orElseThrow(() -> notFound(program, "", null));
        log.info("{} is not installed; fetching Debian's package of it into {}", program, cache);
        try {
            debian.fetch();
        } catch (IOException failure) {
            throw notFound(program, " Fetching Debian's package failed: " + failure.getMessage(), failure);
        }
        return installed(program)
                .orElseThrow(() -> notFound(program, " Debian's package was fetched but does not have it.", null));
    }

    private EtcdException notFound(String program, String detail, @Nullable Throwable cause) {
        return new EtcdException(EtcdException.Kind.NOT_FOUND, """
                %s is neither on the PATH nor in %s.%s
                Install it:
                  Debian, Ubuntu   apt-get install etcd-server etcd-client
                  Fedora           dnf install etcd
                  macOS            brew install etcd
                  in a container   docker run -p 2379:2379 IMAGE etcd \
                --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls http://127.0.0.1:2379
                                   (IMAGE: the one that the release notes of etcd name)
                or give the address of one that runs, such as http://127.0.0.1:2379""".formatted(program, cache, detail), cause);
    }
}
