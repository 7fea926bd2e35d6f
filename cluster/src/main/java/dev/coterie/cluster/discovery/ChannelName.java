package dev.coterie.cluster.discovery;

import java.util.Set;

/** What a channel may be called. */
public final class ChannelName {

    /** Names of events in the systems Coterie grew from, where channels and events shared one namespace. */
    private static final Set<String> RESERVED = Set.of("promotion", "demotion", "added", "removed", "master", "hello");

    private static final int MOST_CHARACTERS = 64;

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
        if (!isWellFormed(name)) {
            throw new IllegalArgumentException(
                    "channel: '" + name + "' will not do; use 1 to 64 of A-Z a-z 0-9 . _ -, not beginning with a dot");
        }
        return name;
    }

    /** Every message comes here, so there is no regular expression. */
    private static boolean isWellFormed(String name) {
        if (name.isEmpty() || name.length() > MOST_CHARACTERS || name.charAt(0) == '.') {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char one = name.charAt(i);
            boolean letter = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z');
            if (!letter && (one < '0' || one > '9') && one != '.' && one != '_' && one != '-') {
                return false;
            }
        }
        return true;
    }
}
