package dev.coterie.cluster.election;

import dev.coterie.cluster.discovery.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What stands at {@code masters/<slot>}.
 *
 * @param node the master's id
 * @param address where it takes links, {@code host:port}, for a reader of the key
 * @param since when it was written, by the writer's wall clock, for a reader of the key
 */
record SlotRecord(String node, String address, Instant since) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    static SlotRecord of(Member master, Instant since) {
        return new SlotRecord(master.id(), master.address() + ":" + master.port(), since);
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
