package dev.coterie.node.output;

import java.util.List;
import java.util.Map;

/** Colours for a terminal, or none. */
public final class Palette {

    private static final List<Integer> COLOURS = List.of(36, 33, 35, 32, 34, 31);

    private final boolean enabled;

    /** With colours or without. */
    public Palette(boolean enabled) {
        this.enabled = enabled;
    }

    /**
     * Colours if standard output is a terminal, which only the launcher can tell for certain, and nobody asked for none.
     *
     * @param environment {@code NO_COLOR}, if it is not empty, and {@code TERM=dumb} ask for none
     */
    public static Palette of(Map<String, String> environment) {
        return new Palette(Boolean.getBoolean("coterie.terminal")
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM")));
    }

    /**
     * Text in a colour of its own.
     *
     * @param number which one, from 0; they repeat after six
     */
    public String paint(int number, String text) {
        return enabled ? "\u001b[" + COLOURS.get(number % COLOURS.size()) + "m" + text + "\u001b[0m" : text;
    }

    /** Text that stays in the background. */
    public String dim(String text) {
        return enabled ? "\u001b[2m" + text + "\u001b[0m" : text;
    }

    /** Text that matters. */
    public String bold(String text) {
        return enabled ? "\u001b[1m" + text + "\u001b[0m" : text;
    }
}
