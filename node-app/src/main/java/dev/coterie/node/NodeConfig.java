package dev.coterie.node;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.work.WorkSettings;
import dev.coterie.node.console.ConsoleConfig;
import dev.coterie.node.pipeline.PipelineSettings;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
import dev.coterie.node.settings.UsageException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What the settings of a node come to. */
final class NodeConfig {

    private NodeConfig() {}

    /**
     * How it joins.
     *
     * @throws UsageException if something does not fit together
     */
    static ClusterConfig cluster(Configuration settings) {
        Duration ttl = settings.get(Settings.TTL);
        ClusterConfig config = reaching(settings)
                .withName(settings.get(Settings.NAME))
                .withAddress(address(settings))
                .withPort(settings.get(Settings.PORT))
                .withWeight(settings.get(Settings.WEIGHT))
                .withEligible(settings.get(Settings.ELIGIBLE))
                .withMastersRequired(settings.get(Settings.MASTERS_REQUIRED))
                .withLiveness(new ClusterConfig.Liveness(
                        settings.get(Settings.HELLO),
                        settings.get(Settings.NODE_TIMEOUT),
                        settings.get(Settings.MASTER_TIMEOUT)))
                .withTtl(ttl)
                .withRefresh(settings.get(Settings.REFRESH).orElse(ttl.dividedBy(2)))
                .withWork(WorkSettings.DEFAULT.withStrategy(settings.get(Settings.BALANCER)))
                .withEtcdQuota(settings.get(Settings.ETCD_QUOTA))
                .withEtcdCompact(settings.get(Settings.ETCD_COMPACT))
                .withConnectTimeout(settings.get(Settings.CONNECT_TIMEOUT));
        validate(config, settings);
        // Only now: making a name takes long, and a mistake should be told at once.
        return config.name().isEmpty() ? config.withName(new Monikers(new Random()).next()) : config;
    }

    /**
     * How to look at a cluster from outside.
     *
     * @throws UsageException if something does not fit together
     */
    static ClusterConfig observer(Configuration settings) {
        ClusterConfig config = reaching(settings);
        validate(config, settings);
        return config;
    }

    /** How etcd is reached. */
    private static ClusterConfig reaching(Configuration settings) {
        return ClusterConfig.of(
                        settings.get(Settings.ETCD).stream().map(URI::toString).toArray(String[]::new))
                .withPrefix(settings.get(Settings.PREFIX))
                .withRequestTimeout(settings.get(Settings.REQUEST_TIMEOUT));
    }

    /** How it takes part in the pipeline. */
    static PipelineSettings pipeline(Configuration settings) {
        return new PipelineSettings(
                settings.get(Settings.INTERVAL),
                settings.get(Settings.NUMBERS),
                settings.get(Settings.WORK),
                settings.get(Settings.BALANCER),
                settings.get(Settings.TASKS).map(Integer::longValue),
                settings.get(Settings.FOR));
    }

    /**
     * Where the console answers; empty if there is none.
     *
     * @throws UsageException if something does not fit together
     */
    static Optional<ConsoleConfig> console(Configuration settings) {
        if (!settings.get(Settings.CONSOLE)) {
            return Optional.empty();
        }
        String tokenFile = settings.get(Settings.CONSOLE_TOKEN_FILE);
        try {
            return Optional.of(new ConsoleConfig(
                    settings.get(Settings.CONSOLE_ADDRESS),
                    settings.get(Settings.CONSOLE_PORT),
                    !settings.isSet(Settings.CONSOLE_PORT),
                    tokenFile.isEmpty()
                            ? Optional.empty()
                            : Optional.of(SecretFile.read(Settings.CONSOLE_TOKEN_FILE, tokenFile)),
                    settings.get(Settings.CONSOLE_WRITE),
                    settings.get(Settings.CONSOLE_MONITORS).orElse(List.of())));
        } catch (IllegalArgumentException refused) {
            throw new UsageException(refused.getMessage() + settings.origin(Settings.CONSOLE_ADDRESS));
        }
    }

    /** The address that was set, or that of the interface that was. */
    static String address(Configuration settings) {
        String address = settings.get(Settings.ADDRESS);
        String networkInterface = settings.get(Settings.INTERFACE);
        if (networkInterface.isEmpty()) {
            return address;
        }
        if (!address.isEmpty()) {
            throw new UsageException("interface: '" + networkInterface + "' cannot be followed since address is '"
                    + address + "'; set one of the two" + settings.origin(Settings.INTERFACE)
                    + settings.origin(Settings.ADDRESS));
        }
        return Interfaces.address(networkInterface);
    }

    /**
     * Checks what only makes sense together.
     *
     * @throws UsageException names the field, the value, the remedy, and where it was set
     */
    static void validate(ClusterConfig config, Configuration settings) {
        try {
            config.validate();
        } catch (IllegalArgumentException refused) {
            String message = String.valueOf(refused.getMessage());
            String field = message.substring(0, Math.max(0, message.indexOf(':')));
            String origin = Settings.NODE.stream()
                    .filter(setting -> isFor(setting, field))
                    .findFirst()
                    .map(settings::origin)
                    .orElse("");
            throw new UsageException(message + origin);
        }
    }

    /** Whether the library's {@code connectTimeout} is the setting {@code connect-timeout}. */
    private static boolean isFor(Setting<?> setting, String field) {
        return setting.name().replace("-", "").equalsIgnoreCase(field);
    }
}
