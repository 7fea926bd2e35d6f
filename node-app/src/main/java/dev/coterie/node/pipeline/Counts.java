package dev.coterie.node.pipeline;

/**
 * What a node has done with tasks since its start.
 *
 * @param sent tasks it made as master
 * @param resent how often it sent a task again as master
 * @param results results it accepted as master
 * @param wrong how many of these were wrong
 * @param duplicates results it ignored as master since the task had one
 * @param strays results it ignored as master since it has never heard of the task
 * @param unanswered tasks it knows of, its own and others', that have no result yet
 * @param inWork tasks it works on now
 * @param answered tasks it has answered as executor
 */
public record Counts(
        long sent,
        long resent,
        long results,
        long wrong,
        long duplicates,
        long strays,
        int unanswered,
        int inWork,
        long answered) {}
