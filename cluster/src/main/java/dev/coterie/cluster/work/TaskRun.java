package dev.coterie.cluster.work;

import java.time.Duration;

/**
 * One attempt at a task, for its handler.
 *
 * @param id the task's, or the timer's
 * @param attempt from 1
 * @param late how long after it was due the master sent it off
 * @param term of the master that did
 */
public record TaskRun(String id, int attempt, Duration late, long term) {}
