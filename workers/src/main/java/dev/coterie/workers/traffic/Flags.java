package dev.coterie.workers.traffic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command line as it was given: flags with one hyphen or two, and a command behind {@code --}. What is wrong is an
 * {@link IllegalArgumentException} whose message names the flag.
 */
public final class Flags {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private final List<Flag> known;
    private final Map<String, String> given;
    private final List<String> command;

    private Flags(List<Flag> known, Map<String, String> given, List<String> command) {
        this.known = known;
        this.given = given;
        this.command = command;
    }

    /**
     * The flags of some with further ones; one that is called as one of them stands in its place, with its own default.
     * The list given is not changed.
     */
    public static List<Flag> extended(List<Flag> base, Flag... further) {
        List<Flag> all = new ArrayList<>(base);
        for (Flag flag : further) {
            all.removeIf(other -> other.name().equals(flag.name()));
            all.add(flag);
        }
        return List.copyOf(all);
    }

    /** Reads a command line. */
    public static Flags parse(List<Flag> known, List<String> arguments) {
        Map<String, String> given = new LinkedHashMap<>();
        List<String> command = new ArrayList<>();
        for (int at = 0; at < arguments.size(); at++) {
            String argument = arguments.get(at);
            if (argument.equals("--")) {
                command.addAll(arguments.subList(at + 1, arguments.size()));
                break;
            }
            Flag flag = find(known, argument)
                    .orElseThrow(() -> new IllegalArgumentException("flag: '" + argument + "' is not known; choose of "
                            + String.join(
                                    " ",
                                    known.stream().map(one -> "-" + one.name()).toList())));
            if (given.containsKey(flag.name())) {
                throw new IllegalArgumentException("flag: '" + argument + "' was given twice; leave one out");
            }
            String value = flag.isToggle() ? "true" : value(known, arguments, ++at, argument);
            given.put(flag.name(), value);
        }
        return new Flags(known, given, List.copyOf(command));
    }

    private static String value(List<Flag> known, List<String> arguments, int at, String flag) {
        if (at >= arguments.size()
                || arguments.get(at).equals("--")
                || find(known, arguments.get(at)).isPresent()) {
            throw new IllegalArgumentException("flag: '" + flag + "' has no value; write one behind it");
        }
        return arguments.get(at);
    }

    private static Optional<Flag> find(List<Flag> known, String argument) {
        if (!argument.startsWith("-")) {
            return Optional.empty();
        }
        String name = argument.substring(argument.startsWith("--") ? 2 : 1);
        return known.stream().filter(flag -> flag.isCalled(name)).findFirst();
    }

    /** What stands behind {@code --}. */
    public List<String> command() {
        return command;
    }

    /** The flags that were not given and have a default, in order. */
    public List<Flag> defaulted() {
        return known.stream()
                .filter(flag ->
                        !given.containsKey(flag.name()) && !flag.fallback().isEmpty())
                .toList();
    }

    /** Whether a switch was given. */
    public boolean has(String name) {
        return given.containsKey(name);
    }

    /** A value, or its default; empty if there is neither. */
    public Optional<String> find(String name) {
        Flag flag = known.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a flag that was never declared: " + name));
        return Optional.of(given.getOrDefault(name, flag.fallback())).filter(text -> !text.isEmpty());
    }

    /** A value, or its default; refused if there is neither. */
    public String text(String name) {
        return read(name, text -> text);
    }

    /** A value as a whole number. */
    public int number(String name, int least, int most) {
        return read(name, text -> {
            if (text.matches("-?[0-9]{1,9}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most) {
                return Integer.parseInt(text);
            }
            throw new IllegalArgumentException("choose one of " + least + ".." + most);
        });
    }

    /** A value as a duration. */
    public Duration duration(String name) {
        return read(name, text -> {
            Matcher matcher = DURATION.matcher(text);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("write a whole number and a unit, such as 500ms, 30s, 10m or 2h");
            }
            long unit = MILLIS.getOrDefault(matcher.group(2), 0L);
            Duration duration = Duration.ofMillis(Long.parseLong(matcher.group(1)) * unit);
            if (duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("choose at most " + LONGEST.toHours() + "h, which is a year");
            }
            return duration;
        });
    }

    /**
     * A value as something else.
     *
     * @param reader refuses with the remedy
     */
    public <T> T read(String name, Function<String, T> reader) {
        Optional<String> text = find(name);
        if (text.isEmpty()) {
            throw new IllegalArgumentException("flag: '-" + name + "' is missing; give it and a value");
        }
        try {
            return reader.apply(text.get());
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    name + ": '" + text.get() + "' will not do; " + refused.getMessage(), refused);
        }
    }
}
