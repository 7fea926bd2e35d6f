package dev.coterie.node;

import dev.coterie.cluster.lan.LanConfig;
import dev.coterie.cluster.lan.SharedKey;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Setting;
import dev.coterie.node.settings.Settings;
import dev.coterie.node.settings.UsageException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** What the settings of a node without etcd come to. */
final class LanNode {

    private static final List<Setting<?>> WITH_LAN =
            List.of(Settings.BROADCAST, Settings.MULTICAST, Settings.UNICAST, Settings.KEY_FILE);
    private static final List<Setting<?>> WITH_ETCD = List.of(
            Settings.ETCD,
            Settings.PREFIX,
            Settings.TTL,
            Settings.REFRESH,
            Settings.CONNECT_TIMEOUT,
            Settings.REQUEST_TIMEOUT,
            Settings.ETCD_QUOTA,
            Settings.ETCD_COMPACT);
    private static final Duration LONGEST_CHECK = Duration.ofSeconds(2);

    private LanNode() {}

    /**
     * Whether etcd is to be done without.
     *
     * @throws UsageException if something is set that has no effect then
     */
    static boolean isWanted(Configuration settings) {
        boolean lan = settings.get(Settings.LAN);
        for (Setting<?> setting : lan ? WITH_ETCD : WITH_LAN) {
            if (settings.isSet(setting)) {
                throw new UsageException(setting.name() + ": '" + settings.text(setting) + "' has no effect "
                        + (lan ? "with lan; leave it out, or lan" : "without lan; add --lan, or leave it out")
                        + settings.origin(setting));
            }
        }
        return lan;
    }

    /**
     * How it takes part.
     *
     * @throws UsageException if something does not fit together
     */
    static LanConfig config(Configuration settings) {
        Duration nodeTimeout = settings.get(Settings.NODE_TIMEOUT);
        LanConfig.Builder config = reaching(settings, NodeConfig.address(settings))
                .name(settings.get(Settings.NAME))
                .eligible(settings.get(Settings.ELIGIBLE))
                .mastersRequired(settings.get(Settings.MASTERS_REQUIRED))
                .helloInterval(settings.get(Settings.HELLO))
                .checkInterval(nodeTimeout.compareTo(LONGEST_CHECK) < 0 ? nodeTimeout : LONGEST_CHECK)
                .nodeTimeout(nodeTimeout);
        if (settings.isSet(Settings.WEIGHT)) {
            config.weight(settings.get(Settings.WEIGHT));
        }
        if (settings.isSet(Settings.MASTER_TIMEOUT)) {
            config.masterTimeout(settings.get(Settings.MASTER_TIMEOUT));
        }
        LanConfig checked = build(config);
        // Only now: making a name takes long, and a mistake should be told at once.
        return checked.name().isEmpty() ? build(config.name(new Monikers(new Random()).next())) : checked;
    }

    /**
     * How to ask the nodes from outside.
     *
     * @throws UsageException if something does not fit together
     */
    static LanConfig observer(Configuration settings) {
        return build(reaching(settings, settings.get(Settings.ADDRESS)));
    }

    /** How the nodes are reached. */
    private static LanConfig.Builder reaching(Configuration settings, String address) {
        LanConfig.Builder config = LanConfig.builder()
                .broadcast(settings.get(Settings.BROADCAST))
                .multicast(settings.get(Settings.MULTICAST))
                .unicast(settings.get(Settings.UNICAST).toArray(new String[0]));
        if (!address.isEmpty()) {
            config.address(address);
        }
        if (settings.isSet(Settings.PORT)) {
            config.port(settings.get(Settings.PORT));
        }
        if (settings.isSet(Settings.KEY_FILE)) {
            config.key(key(settings.get(Settings.KEY_FILE)));
        }
        return config;
    }

    private static LanConfig build(LanConfig.Builder config) {
        try {
            return config.build();
        } catch (IllegalArgumentException refused) {
            throw new UsageException(String.valueOf(refused.getMessage())
                    .replace("helloInterval", Settings.HELLO.name())
                    .replace("nodeTimeout", Settings.NODE_TIMEOUT.name())
                    .replace("masterTimeout", Settings.MASTER_TIMEOUT.name())
                    .replace("mastersRequired", Settings.MASTERS_REQUIRED.name()));
        }
    }

    /** What is in the file; it is said nowhere. */
    private static SharedKey key(String name) {
        String passphrase = SecretFile.read(Settings.KEY_FILE, name);
        try {
            return SharedKey.of(passphrase);
        } catch (IllegalArgumentException tooShort) {
            throw new UsageException("key-file: '" + name + "' will not do; " + tooShort.getMessage());
        }
    }
}
