package dev.coterie.cluster.store;

/**
 * Which keys to read.
 *
 * @param from the first key
 * @param end the first key not wanted; empty for {@code from} alone, {@link #LAST} for all that follow
 * @param limit how many at most, in key order; 0 for all
 * @param revision as of which revision; 0 for now
 */
public record Range(String from, String end, long limit, long revision) {

    /** As {@code end}: past every key. */
    public static final String LAST = "\0";

    /** One key. */
    public static Range key(String key) {
        return new Range(key, "", 0, 0);
    }

    /** All keys that begin with a prefix; with the empty prefix, all there are. */
    public static Range prefix(String prefix) {
        return prefix.isEmpty() ? new Range("\0", LAST, 0, 0) : new Range(prefix, endOf(prefix), 0, 0);
    }

    /** The same keys, a bounded number of them. */
    public Range limit(long most) {
        return new Range(from, end, most, revision);
    }

    /** The same keys as they were at a revision. */
    public Range at(long pastRevision) {
        return new Range(from, end, limit, pastRevision);
    }

    /** The same range without the keys up to and including {@code key}: the next page. */
    public Range after(String key) {
        return new Range(key + "\0", end, limit, revision);
    }

    /** The first key behind all that begin with {@code prefix}, which must be ASCII in its last character. */
    private static String endOf(String prefix) {
        char last = prefix.charAt(prefix.length() - 1);
        if (last >= 0x7f) {
            throw new IllegalArgumentException("prefix '" + prefix + "' must end in an ASCII character");
        }
        return prefix.substring(0, prefix.length() - 1) + (char) (last + 1);
    }
}
