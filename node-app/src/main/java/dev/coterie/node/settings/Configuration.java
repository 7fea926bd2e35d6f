package dev.coterie.node.settings;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/** The values of some settings, each from the first place that has it: flag, environment, properties file, default. */
public final class Configuration {

    private static final String DEFAULT = "default";

    private final Map<Setting<?>, Value> values = new LinkedHashMap<>();

    private Configuration() {}

    /**
     * Finds every value and reads it.
     *
     * @param flags what the command line says, by setting name
     * @param environment all variables, by variable name
     * @throws UsageException about the first value that will not do
     */
    public static Configuration of(
            List<Setting<?>> settings, Map<String, String> flags, Map<String, String> environment) {
        Configuration configuration = new Configuration();
        Optional<Path> file = Optional.ofNullable(
                        flags.getOrDefault(Settings.CONFIG.name(), environment.get(Settings.CONFIG.variable())))
                .filter(name -> !name.isEmpty())
                .map(Path::of);
        Map<String, String> properties = file.map(Configuration::load).orElse(Map.of());
        String fileName = file.map(Path::toString).orElse("");
        for (Setting<?> setting : settings) {
            String flag = flags.get(setting.name());
            String variable = environment.get(setting.variable());
            String property = properties.get(setting.name());
            if (flag != null) {
                configuration.add(setting, flag, "flag " + setting.flag());
            } else if (variable != null) {
                configuration.add(setting, variable, "environment " + setting.variable());
            } else if (property != null) {
                configuration.add(setting, property, "file " + fileName);
            } else {
                configuration.add(setting, setting.fallback(), DEFAULT);
            }
        }
        return configuration;
    }

    private static Map<String, String> load(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException failure) {
            throw new UsageException("config: '" + file + "' cannot be read (" + failure
                    + "); name a properties file with lines such as ttl=120s");
        }
        Map<String, String> known = new LinkedHashMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (Settings.ALL.stream().noneMatch(setting -> setting.name().equals(name))) {
                throw new UsageException("config: '" + name + "' in " + file
                        + " is not a setting; see those of 'coterie node --show-config'");
            }
            known.put(name, properties.getProperty(name).strip());
        }
        return known;
    }

    private <T> void add(Setting<T> setting, String text, String source) {
        try {
            values.put(setting, new Value(text, source, setting.reader().read(text)));
        } catch (IllegalArgumentException refused) {
            throw new UsageException(
                    setting.name() + ": '" + text + "' will not do; " + refused.getMessage() + origin(source));
        }
    }

    private static String origin(String source) {
        return source.startsWith("flag") || source.equals(DEFAULT) ? "" : " (it was set by " + source + ")";
    }

    /** A value. The setting is one of those that were asked for. */
    @SuppressWarnings("unchecked") // each was put there by its own reader
    public <T> T get(Setting<T> setting) {
        return (T) value(setting).read();
    }

    /** Whether it was asked for and set anywhere, rather than left to its default. */
    public boolean isSet(Setting<?> setting) {
        return values.containsKey(setting) && !value(setting).source().equals(DEFAULT);
    }

    /** The value as it was written. */
    public String text(Setting<?> setting) {
        return value(setting).text();
    }

    /** A sentence's end about where a value came from; empty if it is plain. */
    public String origin(Setting<?> setting) {
        return origin(value(setting).source());
    }

    private Value value(Setting<?> setting) {
        return Objects.requireNonNull(values.get(setting), setting.name());
    }

    /** One line for each setting: its name, its value, and where that came from. */
    public String show() {
        StringBuilder lines = new StringBuilder();
        values.forEach((setting, value) -> lines.append("%-16s %-28s %s%n"
                .formatted(
                        setting.name(),
                        value.text().isEmpty() ? "(" + setting.meaning() + ")" : value.text(),
                        value.source())));
        return lines.toString();
    }

    private record Value(String text, String source, Object read) {}
}
