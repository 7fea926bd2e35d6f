package dev.coterie.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A real etcd of one member in a container, by Testcontainers, which whoever uses this class adds to their own
 * dependencies. For versions of etcd that are not installed, on a machine that has Docker:
 *
 * <pre>{@code
 * try (EtcdContainer etcd = EtcdContainer.start("gcr.io/etcd-development/etcd:v3.6.12")) {
 *     etcd.endpoints();                                   // [http://localhost:32768]
 * }
 * }</pre>
 *
 * <p>For development and tests: no TLS, no passwords, data in memory that go with it. Any thread.
 */
public final class EtcdContainer implements AutoCloseable {

    /** Which images {@link #images()} gives, if not etcd's own of the versions that are current: names with commas. */
    public static final String IMAGES_PROPERTY = "coterie.etcd.images";

    private static final String CURRENT = "gcr.io/etcd-development/etcd:v3.5.29,gcr.io/etcd-development/etcd:v3.6.12";

    private static final int PORT = 2379;
    private static final String EVERYWHERE = "http://0.0.0.0:" + PORT;

    private final GenericContainer<?> container;

    private EtcdContainer(GenericContainer<?> container) {
        this.container = container;
    }

    /** The images that tests run on. */
    public static Stream<String> images() {
        return Stream.of(System.getProperty(IMAGES_PROPERTY, CURRENT).split(",", -1));
    }

    /** Starts one of an image that is laid out as etcd's own, and waits until it is healthy. */
    public static EtcdContainer start(String image) {
        GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(image));
        container
                .withExposedPorts(PORT)
                .withTmpFs(Map.of("/data", "rw"))
                .withCommand(
                        "/usr/local/bin/etcd",
                        "--data-dir=/data/etcd",
                        "--listen-client-urls=" + EVERYWHERE,
                        "--advertise-client-urls=" + EVERYWHERE)
                .waitingFor(Wait.forHttp("/health").forPort(PORT).withStartupTimeout(Duration.ofSeconds(60)));
        try {
            container.start();
            return new EtcdContainer(container);
        } catch (RuntimeException failure) {
            container.stop();
            throw failure;
        }
    }

    /** Where it listens for clients, from this machine. */
    public List<String> endpoints() {
        return List.of("http://" + container.getHost() + ":" + container.getMappedPort(PORT));
    }

    /** Ends it and removes its container. */
    @Override
    public void close() {
        container.stop();
    }
}
