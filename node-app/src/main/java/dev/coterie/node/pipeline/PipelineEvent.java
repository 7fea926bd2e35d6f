package dev.coterie.node.pipeline;

import dev.coterie.cluster.discovery.Member;
import java.time.Duration;
import java.util.List;

/** Something that happened to tasks on this node, as master or as executor. */
public sealed interface PipelineEvent {

    /** As master: a new task is on its way. */
    record Sent(Task task, Member executor) implements PipelineEvent {}

    /**
     * As master: a task is on its way to another node, or once more to the same if there is no other.
     *
     * @param attempt 2 for the first time it is sent again
     */
    record Resent(Task task, Member executor, int attempt, String reason) implements PipelineEvent {}

    /** As master: it was time for a task, but none was made. */
    record Skipped(String reason) implements PipelineEvent {}

    /** As new master: tasks that earlier masters sent have no result yet, so this node sees to them from now on. */
    record Adopted(List<Task> tasks) implements PipelineEvent {}

    /**
     * As master: a task has its result.
     *
     * @param executor the id of the node that has answered, which may be gone
     * @param right whether the result is three times the number
     */
    record Accepted(Task task, Result result, String executor, boolean right) implements PipelineEvent {}

    /** As master: a result that does not count, since the task had one before. */
    record Repeated(Result result, Member from) implements PipelineEvent {}

    /** As master: a result that does not count, since this node has never heard of the task. */
    record Strayed(Result result, Member from) implements PipelineEvent {}

    /** As executor: work on a task has begun. */
    record Started(Task task, Duration work) implements PipelineEvent {}

    /** As executor: the result is on its way. */
    record Answered(Task task, Result result) implements PipelineEvent {}

    /** As executor: a task was left to whoever gets it next, since there is too much in work here. */
    record Declined(Task task) implements PipelineEvent {}
}
