package dev.coterie.cluster.discovery;

import java.util.Set;
import java.util.regex.Pattern;

/** What a channel may be called. */
public final class ChannelName {

    /** Names of events in the systems Coterie grew from, where channels and events shared one namespace. */
    private static final Set<String> RESERVED = Set.of("promotion", "demotion", "added", "removed", "master", "hello");

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

    private ChannelName() {}

    /**
     * Lets a good name pass.
     *
     * @throws IllegalArgumentException says what is wrong with another
     */
    public static String check(String name) {
        if (RESERVED.contains(name)) {
            throw new IllegalArgumentException("channel: '" + name + "' is reserved; choose another name than "
                    + String.join(", ", RESERVED.stream().sorted().toList()));
        }
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "channel: '" + name + "' will not do; use 1 to 64 of A-Z a-z 0-9 . _ -, not beginning with a dot");
        }
        return name;
    }
}
