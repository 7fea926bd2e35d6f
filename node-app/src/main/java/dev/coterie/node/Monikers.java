package dev.coterie.node;

import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.datafaker.Faker;

/**
 * Names that people remember, such as {@code silent-river}. Making the first takes a fifth of a second, so none is made
 * for a node that has a name.
 */
final class Monikers {

    /** Short enough to remember; what else Datafaker has could not stand in a node's id or would not be read twice. */
    private static final Pattern WORD = Pattern.compile("[a-z]{3,8}");

    private final Faker faker;

    Monikers(Random random) {
        faker = new Faker(Locale.ENGLISH, random);
    }

    /** Another one, by chance. */
    String next() {
        return word(Stream.generate(() -> faker.word().adjective())) + "-"
                + word(Stream.generate(() -> faker.word().noun()));
    }

    private static String word(Stream<String> words) {
        return words.map(word -> word.toLowerCase(Locale.ROOT))
                .filter(word -> WORD.matcher(word).matches())
                .limit(1)
                .findFirst()
                .orElseThrow();
    }
}
