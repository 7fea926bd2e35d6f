package dev.coterie.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The command line behind the benchmark's name: pairs of {@code --name value}. */
final class Args {

    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * Reads the pairs.
     *
     * @throws IllegalArgumentException if a name is not preceded by two hyphens, unknown, or without a value
     */
    Args(List<String> words, List<String> known) {
        for (int i = 0; i < words.size(); i += 2) {
            String name = words.get(i);
            if (!name.startsWith("--") || !known.contains(name.substring(2))) {
                throw new IllegalArgumentException(
                        name + ": is no option of this benchmark; it has --" + String.join(" --", known));
            }
            if (i + 1 == words.size()) {
                throw new IllegalArgumentException(name + ": needs a value");
            }
            values.put(name.substring(2), words.get(i + 1));
        }
    }

    String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    int get(String name, int otherwise) {
        String value = values.get(name);
        try {
            return value == null ? otherwise : Integer.parseInt(value);
        } catch (NumberFormatException notWhole) {
            throw new IllegalArgumentException("--" + name + ": '" + value + "' is no whole number", notWhole);
        }
    }

    List<String> list(String name, String otherwise) {
        return Arrays.asList(get(name, otherwise).split(",", -1));
    }

    List<Integer> numbers(String name, String otherwise) {
        return list(name, otherwise).stream().map(Integer::valueOf).toList();
    }
}
