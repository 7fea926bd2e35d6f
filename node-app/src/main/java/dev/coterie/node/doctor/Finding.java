package dev.coterie.node.doctor;

/**
 * What was found out about one thing.
 *
 * @param subject what was looked at, such as {@code etcd space}
 * @param level how it is
 * @param says what was found
 * @param remedy what to do about it; empty if nothing has to be done
 */
public record Finding(String subject, Level level, String says, String remedy) {

    /** How something is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** It works, and could be better; or it cannot be known from here. */
        NOTE,
        /** It does not work, or soon will not. */
        WRONG
    }

    /** All is well. */
    static Finding ok(String subject, String says) {
        return new Finding(subject, Level.OK, says, "");
    }

    /** Something to know. */
    static Finding note(String subject, String says, String remedy) {
        return new Finding(subject, Level.NOTE, says, remedy);
    }

    /** Something to mend. */
    static Finding wrong(String subject, String says, String remedy) {
        return new Finding(subject, Level.WRONG, says, remedy);
    }
}
