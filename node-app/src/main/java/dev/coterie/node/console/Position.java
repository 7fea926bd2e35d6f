package dev.coterie.node.console;

/**
 * How far a stream has come; the id of its messages, so that whoever lost it can say where to go on.
 *
 * @param boot of the console that sent it: the numbers of another mean nothing here
 * @param seq the last record of the flight recorder
 * @param revision of the last record about the cluster itself, which every console knows
 * @param keys the revision as of which the keys are known; 0 if they are not followed
 */
record Position(String boot, long seq, long revision, long keys) {

    /** Nothing is known. */
    static final Position NONE = new Position("", 0, 0, 0);

    /** Reads what {@link #toString()} wrote; anything else is nothing known. */
    static Position parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 4) {
            return NONE;
        }
        try {
            return new Position(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), Long.parseLong(parts[3]));
        } catch (NumberFormatException malformed) {
            return NONE;
        }
    }

    Position withRecord(FlightRecord record) {
        return new Position(boot, record.seq(), Math.max(revision, record.revision()), keys);
    }

    Position withKeys(long nowKnown) {
        return new Position(boot, seq, revision, nowKnown);
    }

    @Override
    public String toString() {
        return boot + "-" + seq + "-" + revision + "-" + keys;
    }
}
