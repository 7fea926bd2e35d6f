package dev.coterie.node.settings;

import dev.coterie.node.value.DurationText;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How settings are read; each refuses with the remedy. */
final class Readers {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(|KiB|MiB|GiB)");

    private Readers() {}

    static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("write true or false");
        };
    }

    static String text(String text) {
        return text;
    }

    /** Names with commas between them; none if there is no text. */
    static List<String> names(String text) {
        List<String> names = text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        if (!names.stream().allMatch(name -> name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}"))) {
            throw new IllegalArgumentException(
                    "write names of up to 64 of A-Z a-z 0-9 . _ -, and commas between several, such as database,cache");
        }
        return names;
    }

    static Setting.Reader<Integer> number(int least, int most) {
        return text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException malformed) {
                // Refused below, in the same words as a number out of range.
            }
            throw new IllegalArgumentException("choose one of " + least + ".." + most);
        };
    }

    static double decimal(String text) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException malformed) {
            // Refused below, in the same words as an infinite number.
        }
        throw new IllegalArgumentException("write a number, such as 2 or 0.5");
    }

    static Duration duration(String text) {
        Duration duration = DurationText.parse(text);
        if (duration.isZero()) {
            throw new IllegalArgumentException("choose more than zero");
        }
        return duration;
    }

    /** A number of bytes, with a unit or without. */
    static long size(String text) {
        Matcher parts = SIZE.matcher(text);
        if (parts.matches()) {
            int shift = switch (parts.group(2)) {
                case "KiB" -> 10;
                case "MiB" -> 20;
                case "GiB" -> 30;
                default -> 0;
            };
            return Long.parseLong(parts.group(1)) << shift;
        }
        throw new IllegalArgumentException("write a whole number of bytes, KiB, MiB or GiB, such as 2GiB");
    }

    /** One that may be left out. */
    static <T> Setting.Reader<Optional<T>> optional(Setting.Reader<T> reader) {
        return text -> text.isEmpty() ? Optional.empty() : Optional.of(reader.read(text));
    }

    static List<String> list(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    static List<URI> addresses(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(Readers::address)
                .toList();
    }

    private static URI address(String text) {
        try {
            // The form host:port, which many tools accept, is read as a scheme by URI.
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            if ("http".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getPort() > 0
                    && uri.getPort() <= 65_535
                    && (uri.getPath().isEmpty() || uri.getPath().equals("/"))) {
                return new URI("http", null, uri.getHost(), uri.getPort(), null, null, null);
            }
        } catch (URISyntaxException malformed) {
            // Refused below, in the same words as the wrong scheme.
        }
        throw new IllegalArgumentException(
                "write http://host:port, and commas between several, such as http://127.0.0.1:2379");
    }

    /** One of an enum's constants, written in lower case with hyphens. */
    static <E extends Enum<E>> Setting.Reader<E> choice(Class<E> type) {
        return text -> Arrays.stream(type.getEnumConstants())
                .filter(constant -> written(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("choose one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(Readers::written)
                                .collect(Collectors.joining(", "))));
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
