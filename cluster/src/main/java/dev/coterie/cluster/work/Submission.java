package dev.coterie.cluster.work;

import dev.coterie.cluster.work.LedgerTask.Extras;

/**
 * What is to be done, as it travels to the master.
 *
 * @param delay in ms from when it is accepted; -1 if {@code due} says when
 * @param due in ms since 1970
 */
record Submission(
        String id,
        String type,
        long delay,
        long due,
        Rules rules,
        String key,
        long period,
        long token,
        byte[] payload) {

    /** Most tasks have no more to say than id, type and payload. */
    private static final byte PLAIN = 0;

    private static final byte FULL = 1;

    void write(WireWriter to) {
        to.verb(Verbs.SUBMIT).name(id).name(type);
        boolean plain = delay == 0 && rules.equals(Rules.DEFAULT) && key.isEmpty() && period == 0 && token == 0;
        if (plain) {
            to.verb(PLAIN);
        } else {
            to.verb(FULL).number(delay + 1).number(due);
            to.number(rules.attempts())
                    .number(rules.backoff())
                    .number(rules.longest())
                    .number(rules.deadline());
            to.text(key).number(period).number(token);
        }
        to.bytes(payload);
    }

    /** Reads one whose verb was read. */
    static Submission read(WireReader from) {
        String id = from.name();
        String type = from.name();
        if (from.verb() == PLAIN) {
            return new Submission(id, type, 0, 0, Rules.DEFAULT, "", 0, 0, from.bytes());
        }
        long delay = from.number() - 1;
        long due = from.number();
        Rules rules = new Rules(from.smallNumber(), from.number(), from.number(), from.number());
        return new Submission(id, type, delay, due, rules, from.text(), from.number(), from.number(), from.bytes());
    }

    Extras extras() {
        return key.isEmpty() && period == 0 && token == 0 ? Extras.NONE : new Extras(key, period, token, "");
    }
}
