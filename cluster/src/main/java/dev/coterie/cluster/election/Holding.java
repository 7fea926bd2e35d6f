package dev.coterie.cluster.election;

import dev.coterie.cluster.store.Entry;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A slot that is taken, for whoever looks from outside.
 *
 * @param slot from 0
 * @param node the master's id; empty if what stands there cannot be read
 * @param address where it takes links, {@code host:port}; empty likewise
 * @param term the revision that wrote it
 * @param since when it was written, by the writer's wall clock; null likewise
 * @param how it came to be master; empty likewise
 */
public record Holding(
        int slot,
        String node,
        String address,
        long term,
        @Nullable Instant since,
        String how) {

    /**
     * Reads what stands at a key.
     *
     * @param directory what the keys of slots begin with
     * @return empty if the key is no slot's
     */
    public static Optional<Holding> read(String directory, Entry entry) {
        String number = entry.key().substring(directory.length());
        if (!number.matches(Slots.NUMBER)) {
            return Optional.empty();
        }
        Optional<SlotRecord> record = SlotRecord.read(entry.value());
        return Optional.of(new Holding(
                Integer.parseInt(number),
                record.map(SlotRecord::node).orElse(""),
                record.map(SlotRecord::address).orElse(""),
                entry.modRevision(),
                record.map(SlotRecord::since).orElse(null),
                record.map(SlotRecord::how).orElse("")));
    }
}
