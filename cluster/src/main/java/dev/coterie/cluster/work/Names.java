package dev.coterie.cluster.work;

/** Which ids and types there can be: such that they need no escaping anywhere. */
final class Names {

    /** The longest id a user may give; timers have a few characters more. */
    static final int LONGEST = 128;

    /** What a timer's id in the ledger begins with, and no task's does. */
    static final String TIMER = "timer:";

    private Names() {}

    /** A task's id. */
    static String checkId(String id) {
        if (id.startsWith(TIMER)) {
            throw new IllegalArgumentException(
                    "id: '" + id + "' will not do for a task; leave '" + TIMER + "' at its beginning to timers");
        }
        return check("id", id);
    }

    /** A timer's id, as the ledger has it. */
    static String checkTimer(String id) {
        return TIMER + check("id", id);
    }

    /** A type of tasks. */
    static String checkType(String type) {
        return check("type", type);
    }

    private static String check(String what, String name) {
        boolean fits = !name.isEmpty() && name.length() <= LONGEST;
        for (int i = 0; fits && i < name.length(); i++) {
            char at = name.charAt(i);
            fits = at > ' ' && at < 0x7f && at != '"' && at != '\\';
        }
        if (!fits) {
            throw new IllegalArgumentException(what + ": '" + name + "' will not do; use 1 to " + LONGEST
                    + " printable ASCII characters without quotes, backslashes and spaces");
        }
        return name;
    }
}
