package dev.coterie.node.settings;

import dev.coterie.node.value.DurationText;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How settings are read; each refuses with the remedy. */
final class Readers {

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

    /** One that may be left out. */
    static <T> Setting.Reader<Optional<T>> optional(Setting.Reader<T> reader) {
        return text -> text.isEmpty() ? Optional.empty() : Optional.of(reader.read(text));
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
