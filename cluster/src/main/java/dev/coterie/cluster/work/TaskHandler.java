package dev.coterie.cluster.work;

/**
 * Does tasks of one type. Called on the executor that it was given with, by several threads at once; may block.
 *
 * @param <P> what payloads are read as
 * @param <R> what it makes of them, written as JSON
 */
@FunctionalInterface
public interface TaskHandler<P, R> {

    /**
     * Does one. A task may come twice, when a member or a master dies; only one result is accepted.
     *
     * @return the result; null for none
     * @throws Exception if this attempt has failed; the message is kept
     */
    R handle(P payload, TaskRun run) throws Exception;
}
