package dev.coterie.node.demo;

import dev.coterie.etcd.EtcdBinary;
import dev.coterie.etcd.EtcdOptions;
import dev.coterie.etcd.EtcdProcess;
import dev.coterie.etcd.embedded.EmbeddedEtcd;
import java.util.List;

/** The etcd that a command starts for itself, and ends. */
public final class OwnEtcd implements AutoCloseable {

    private final String description;
    private final List<String> endpoints;
    private final Runnable end;

    private OwnEtcd(String description, List<String> endpoints, Runnable end) {
        this.description = description;
        this.endpoints = endpoints;
        this.end = end;
    }

    /**
     * A real one if this machine has one, else the one inside the JVM.
     *
     * @param embedded the one inside the JVM in any case
     */
    public static OwnEtcd start(boolean embedded) {
        return !embedded && hasReal() ? real(EtcdProcess.with()) : embedded(EmbeddedEtcd.with());
    }

    /** Whether this machine has a real one. */
    public static boolean hasReal() {
        return EtcdBinary.onThisMachine().installedEtcd().isPresent();
    }

    /** A real one; fetched if this machine has none and can fetch one. */
    public static OwnEtcd real(EtcdOptions options) {
        EtcdProcess etcd = options.start();
        return new OwnEtcd("etcd", etcd.endpoints(), etcd::close);
    }

    /** The one inside the JVM. */
    public static OwnEtcd embedded(EmbeddedEtcd.Options options) {
        EmbeddedEtcd etcd = options.start();
        return new OwnEtcd(
                "embedded etcd (in memory, one process, gone when this one ends; for development and tests only)",
                etcd.endpoints(),
                etcd::close);
    }

    /** What it is, in words. */
    public String description() {
        return description;
    }

    /** Where it answers. */
    public List<String> endpoints() {
        return endpoints;
    }

    @Override
    public void close() {
        end.run();
    }
}
