package dev.coterie.cluster.work;

import dev.coterie.cluster.balance.Strategy;
import dev.coterie.cluster.journal.JournalSettings;
import java.time.Duration;

/**
 * The bounds of tasks and timers; those of the master's node count.
 *
 * @param tasks how many may be waiting, running or pending at a time
 * @param bytes of memory that they may take, finished ones included
 * @param retention how long a result, or the knowledge that a timer has fired or was cleared, is kept
 * @param retained how many finished ones are kept at most, whatever their age
 * @param grace how long a new master waits for members that do not say what they are doing
 * @param drain how long a node that leaves waits for what it runs; leaving takes a second longer at most
 * @param strategy who of those that have room gets a task
 * @param journal the bounds of the journal
 */
public record WorkSettings(
        int tasks,
        long bytes,
        Duration retention,
        int retained,
        Duration grace,
        Duration drain,
        Strategy strategy,
        JournalSettings journal) {

    /** Two million tasks in a third of the memory there is; a result for ten minutes, or the last 200,000 of them. */
    public static final WorkSettings DEFAULT = new WorkSettings(
            2_000_000,
            Runtime.getRuntime().maxMemory() / 3,
            Duration.ofMinutes(10),
            200_000,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Strategy.LEAST_LOADED,
            JournalSettings.DEFAULT);

    /** The largest payload or result, in bytes: 256 KiB. */
    public static final int LARGEST_PAYLOAD = 256 << 10;

    /** The same with another number of tasks. */
    public WorkSettings withTasks(int newTasks) {
        return new WorkSettings(newTasks, bytes, retention, retained, grace, drain, strategy, journal);
    }

    /** The same with another bound of memory. */
    public WorkSettings withBytes(long newBytes) {
        return new WorkSettings(tasks, newBytes, retention, retained, grace, drain, strategy, journal);
    }

    /** The same with another retention. */
    public WorkSettings withRetention(Duration newRetention, int newRetained) {
        return new WorkSettings(tasks, bytes, newRetention, newRetained, grace, drain, strategy, journal);
    }

    /** The same with another time for a node that leaves. */
    public WorkSettings withDrain(Duration newDrain) {
        return new WorkSettings(tasks, bytes, retention, retained, grace, newDrain, strategy, journal);
    }

    /** The same with another strategy. */
    public WorkSettings withStrategy(Strategy newStrategy) {
        return new WorkSettings(tasks, bytes, retention, retained, grace, drain, newStrategy, journal);
    }

    /** The same with another journal. */
    public WorkSettings withJournal(JournalSettings newJournal) {
        return new WorkSettings(tasks, bytes, retention, retained, grace, drain, strategy, newJournal);
    }
}
