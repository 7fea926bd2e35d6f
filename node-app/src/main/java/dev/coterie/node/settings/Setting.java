package dev.coterie.node.settings;

import java.util.Locale;

/**
 * Something that can be set: by a flag, in the environment, or in a properties file.
 *
 * @param name such as {@code connect-timeout}; the flag is {@code --connect-timeout}, the variable {@code
 *     COTERIE_CONNECT_TIMEOUT}, the property {@code connect-timeout}
 * @param label what stands for the value in the help, such as {@code DURATION}; empty for a switch, which is on or off
 * @param fallback the default, as it would be written; may be empty, which the reader then gets
 * @param meaning what an empty default comes to, for people; empty if the default is not
 * @param help one sentence without its full stop
 */
public record Setting<T>(String name, String label, String fallback, String meaning, String help, Reader<T> reader) {

    /** One with a default that can be written down. */
    static <T> Setting<T> of(String name, String label, String fallback, String help, Reader<T> reader) {
        return new Setting<>(name, label, fallback, "", help, reader);
    }

    /** One whose default is not a value but a way to find one. */
    static <T> Setting<T> found(String name, String label, String meaning, String help, Reader<T> reader) {
        return new Setting<>(name, label, "", meaning, help, reader);
    }

    /** One that is off unless it is set. */
    static Setting<Boolean> off(String name, String help) {
        return new Setting<>(name, "", "false", "", help, Readers::bool);
    }

    /** The flag that sets it. */
    public String flag() {
        return "--" + name;
    }

    /** The environment variable that sets it. */
    public String variable() {
        return "COTERIE_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** Whether it is on or off, so that the flag alone means on. */
    public boolean isSwitch() {
        return label.isEmpty();
    }

    /** The default, as the help shows it. */
    public String shownFallback() {
        return fallback.isEmpty() ? meaning : fallback;
    }

    /** Turns text into a value. */
    @FunctionalInterface
    public interface Reader<T> {

        /**
         * Reads one.
         *
         * @throws IllegalArgumentException its message is the remedy, such as {@code choose one of 0..65535}
         */
        T read(String text);
    }
}
