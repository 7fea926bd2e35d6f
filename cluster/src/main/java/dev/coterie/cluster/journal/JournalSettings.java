package dev.coterie.cluster.journal;

import dev.coterie.cluster.meter.Meter;
import java.time.Duration;

/**
 * The bounds of a journal.
 *
 * @param segment bytes that a segment has at most
 * @param worth bytes that are worth a segment of their own while others are in flight
 * @param inFlight how many segments may be on their way to the store
 * @param backlog bytes that may wait to be written before {@link Journal#objection} objects
 * @param slack bytes of dead records that are left in the store before living ones are copied to be rid of them
 * @param compact whether the store's history is compacted as the journal goes
 * @param history bytes written between two compactions
 * @param behind how old a revision is at least before history up to it is compacted away; watches that are further
 *     behind have to read again
 * @param quota bytes that the store may take, as it was told when it was started
 * @param meter is told how long appends take and how large the journal is
 */
public record JournalSettings(
        int segment,
        int worth,
        int inFlight,
        long backlog,
        long slack,
        boolean compact,
        long history,
        Duration behind,
        long quota,
        Meter meter) {

    /** etcd's own default for the space it may take. */
    public static final long ETCD_QUOTA = 2L << 30;

    /** For an etcd with its default quota that does not compact by itself. */
    public static final JournalSettings DEFAULT = new JournalSettings(
            512 << 10, 32 << 10, 3, 32 << 20, 8 << 20, true, 16 << 20, Duration.ofSeconds(5), ETCD_QUOTA, Meter.NONE);

    /** The same, compacting or not. */
    public JournalSettings withCompact(boolean nowCompact) {
        return new JournalSettings(segment, worth, inFlight, backlog, slack, nowCompact, history, behind, quota, meter);
    }

    /** The same with another {@code quota}. */
    public JournalSettings withQuota(long newQuota) {
        return new JournalSettings(segment, worth, inFlight, backlog, slack, compact, history, behind, newQuota, meter);
    }

    /** The same with other bounds for what is left in the store. */
    public JournalSettings withSlack(long newSlack, long newHistory, Duration newBehind) {
        return new JournalSettings(
                segment, worth, inFlight, backlog, newSlack, compact, newHistory, newBehind, quota, meter);
    }

    /** The same with another {@code segment}. */
    public JournalSettings withSegment(int newSegment) {
        return new JournalSettings(newSegment, worth, inFlight, backlog, slack, compact, history, behind, quota, meter);
    }

    /** The same with another {@code meter}. */
    public JournalSettings withMeter(Meter newMeter) {
        return new JournalSettings(segment, worth, inFlight, backlog, slack, compact, history, behind, quota, newMeter);
    }
}
