package dev.coterie.node;

import dev.coterie.cluster.ClusterConfig;
import dev.coterie.node.pipeline.PipelineSettings;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
import dev.coterie.node.settings.UsageException;
import java.net.URI;
import java.time.Duration;
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
        ClusterConfig config = ClusterConfig.of(
                        settings.get(Settings.ETCD).stream().map(URI::toString).toArray(String[]::new))
                .withPrefix(settings.get(Settings.PREFIX))
                .withName(settings.get(Settings.NAME))
                .withAddress(address(settings))
                .withPort(settings.get(Settings.PORT))
                .withWeight(settings.get(Settings.WEIGHT))
                .withEligible(settings.get(Settings.ELIGIBLE))
                .withTtl(ttl)
                .withRefresh(settings.get(Settings.REFRESH).orElse(ttl.dividedBy(2)))
                .withConnectTimeout(settings.get(Settings.CONNECT_TIMEOUT))
                .withRequestTimeout(settings.get(Settings.REQUEST_TIMEOUT));
        validate(config, settings);
        // Only now: making a name takes long, and a mistake should be told at once.
        return config.name().isEmpty() ? config.withName(new Monikers(new Random()).next()) : config;
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

    private static String address(Configuration settings) {
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
