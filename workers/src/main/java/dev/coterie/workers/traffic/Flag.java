package dev.coterie.workers.traffic;

/**
 * A flag of a balancer's command line.
 *
 * @param name without hyphens, such as {@code p}
 * @param longName another one, such as {@code port}; may be the same
 * @param label what stands for its value in a help text; empty for a switch, which has none
 * @param fallback its value if it is not given; empty for none
 * @param help what it does
 */
public record Flag(String name, String longName, String label, String fallback, String help) {

    /** A flag with a value. */
    public static Flag of(String name, String longName, String label, String fallback, String help) {
        return new Flag(name, longName, label, fallback, help);
    }

    /** A flag with a value, and only one name. */
    public static Flag of(String name, String label, String fallback, String help) {
        return new Flag(name, name, label, fallback, help);
    }

    /** A flag that is there or not. */
    public static Flag toggle(String name, String help) {
        return new Flag(name, name, "", "", help);
    }

    boolean isToggle() {
        return label.isEmpty();
    }

    boolean isCalled(String other) {
        return other.equals(name) || other.equals(longName);
    }

    /** As it is shown. */
    @Override
    public String toString() {
        String names = name.equals(longName) ? "-" + name : "-" + name + ", -" + longName;
        return isToggle() ? names : names + " " + label;
    }
}
