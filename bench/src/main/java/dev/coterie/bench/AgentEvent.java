package dev.coterie.bench;

import java.util.List;

/**
 * A line that an agent printed, {@code @NAME arg arg ...}. The first argument is the node's id, where there is one.
 *
 * @param agent which printed it
 */
record AgentEvent(String agent, String name, List<String> args) {

    long number(int i) {
        return Long.parseLong(args.get(i));
    }

    double decimal(int i) {
        return Double.parseDouble(args.get(i));
    }

    boolean is(String expected) {
        return name.equals(expected);
    }

    /** Whether this tells of a member. */
    boolean isOf(String expected, String member) {
        return is(expected) && args.get(2).equals(member);
    }
}
