package dev.coterie.cluster.election;

import dev.coterie.cluster.discovery.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What stands at {@code masters/<slot>}.
 *
 * @param node the master's id
 * @param address where it takes links, {@code host:port}, for a reader of the key
 * @param since when it was written, by the writer's wall clock, for a reader of the key
 * @param how it came to be master, for a reader of the key; absent in what an earlier version wrote
 */
record SlotRecord(
        String node,
        String address,
        Instant since,
        @Nullable String how) {

    /** It was first in line for a free slot. */
    static final String ELECTED = "elected";

    /** It was told to become master. */
    static final String PROMOTED = "promoted";

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    static SlotRecord of(Member master, Instant since, String how) {
        return new SlotRecord(master.id(), master.address() + ":" + master.port(), since, how);
    }

    /** The {@code how} of one that got it from the master before it. */
    static String handedOverBy(String node) {
        return "handed over by " + node;
    }

    static Optional<SlotRecord> read(byte[] json) {
        try {
            return Optional.ofNullable(JSON.readValue(json, SlotRecord.class)).filter(slot -> slot.node() != null);
        } catch (JacksonException notSlot) {
            return Optional.empty();
        }
    }

    byte[] json() {
        return JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
    }
}
