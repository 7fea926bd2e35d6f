package dev.coterie.cluster.lan;

import dev.coterie.cluster.discovery.Service;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a node says of itself with every hello.
 *
 * @param master whether it is master
 * @param eligible whether it would become master now
 * @param weight as the election counts it now
 * @param advertisement what the application says; null if nothing is said about it, which changes nothing
 * @param own what only our own nodes say; null of a plain node-discover
 */
record Hello(
        boolean master,
        boolean eligible,
        double weight,
        @Nullable Map<String, Object> advertisement,
        @Nullable Own own) {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Under which key a plain node's advertisement goes if it is no object. */
    static final String ADVERTISEMENT = "advertisement";

    /** Under which key, in the data, stands what only our own nodes say. */
    private static final String OWN = "coterie";

    /**
     * What only our own nodes say.
     *
     * @param weight as it was configured; a promotion counts as more
     * @param eligible whether it may become master at all
     * @param services what it offers
     * @param startedAt when it started, by its own wall clock
     * @param term of its mastership, or of the last it has heard of
     * @param slot of its mastership; -1 if it has none
     * @param replaces the master that has handed over to it; empty if none has
     */
    record Own(
            String name,
            double weight,
            boolean eligible,
            List<Service> services,
            Instant startedAt,
            String version,
            long term,
            int slot,
            String replaces) {}

    /** As {@code data} of a packet. */
    byte[] write() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("isMaster", master);
        data.put("isMasterEligible", eligible);
        data.put("weight", weight);
        // Nobody looks at it: the address is the packet's. A reader may expect it to be there.
        data.put("address", "127.0.0.1");
        if (advertisement != null) {
            data.put(ADVERTISEMENT, advertisement);
        }
        if (own != null) {
            data.put(OWN, write(own));
        }
        try {
            return JSON.writeValueAsBytes(data);
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException(
                    "info: cannot become JSON; advertise only text, numbers, booleans, lists and maps of them",
                    notJson);
        }
    }

    private static Map<String, Object> write(Own own) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", own.name);
        fields.put("weight", own.weight);
        fields.put("eligible", own.eligible);
        if (!own.services.isEmpty()) {
            fields.put("services", own.services);
        }
        fields.put("startedAt", own.startedAt.toEpochMilli());
        fields.put("version", own.version);
        fields.put("term", own.term);
        fields.put("slot", own.slot);
        fields.put("replaces", own.replaces);
        return fields;
    }

    /**
     * Reads {@code data} of a packet.
     *
     * @throws Unreadable if it is no hello
     */
    static Hello read(byte[] data) throws Unreadable {
        try {
            JsonNode node = JSON.readTree(data);
            if (!node.isObject()) {
                throw new Unreadable(DropReason.MALFORMED);
            }
            JsonNode own = node.path(OWN);
            return new Hello(
                    node.path("isMaster").asBoolean(false),
                    node.path("isMasterEligible").asBoolean(false),
                    node.path("weight").asDouble(0),
                    advertisement(node.path(ADVERTISEMENT)),
                    own.isObject() ? own(own) : null);
        } catch (JacksonException notHello) {
            throw new Unreadable(DropReason.MALFORMED);
        }
    }

    @SuppressWarnings("unchecked") // an object becomes a map with text for keys
    private static @Nullable Map<String, Object> advertisement(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        Object value = JSON.treeToValue(node, Object.class);
        return node.isObject() ? (Map<String, Object>) value : Map.of(ADVERTISEMENT, value);
    }

    private static Own own(JsonNode own) {
        return new Own(
                own.path("name").asString(""),
                own.path("weight").asDouble(0),
                own.path("eligible").asBoolean(false),
                own.path("services").isArray()
                        ? List.of(JSON.treeToValue(own.path("services"), Service[].class))
                        : List.of(),
                Instant.ofEpochMilli(own.path("startedAt").asLong(0)),
                own.path("version").asString(""),
                own.path("term").asLong(0),
                own.path("slot").asInt(-1),
                own.path("replaces").asString(""));
    }
}
