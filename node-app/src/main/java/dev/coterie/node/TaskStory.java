package dev.coterie.node;

import dev.coterie.cluster.store.Entry;
import dev.coterie.node.KeyStory.Told;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the lines of the journal mean. One that is written again as it was, when old segments are cleaned away, means
 * nothing. Single-threaded.
 */
final class TaskStory {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TIMER = "timer:";
    private static final int MOST_KNOWN = 20_000;

    /** What was said last of the latest tasks, as a hash. */
    private final Map<String, Integer> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    /** What a segment says. */
    List<Told> of(Entry segment) {
        List<Told> told = new ArrayList<>();
        segment.text().lines().forEach(line -> read(line).ifPresent(told::add));
        return told;
    }

    private Optional<Told> read(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            for (String verb : List.of("task", "done", "cancelled")) {
                if (json.path(verb).isString()) {
                    return told(verb, json.path(verb).asString(), json, line);
                }
            }
        } catch (JacksonException notOurs) {
            // Somebody else's stream, or a later version's line: it is not for us to tell.
        }
        return Optional.empty();
    }

    private Optional<Told> told(String verb, String fullId, JsonNode json, String line) {
        Integer before = known.put(fullId, line.hashCode());
        if (before != null && before == line.hashCode()) {
            return Optional.empty();
        }
        boolean timer = fullId.startsWith(TIMER);
        String kind = timer ? "timer" : "task";
        String id = timer ? fullId.substring(TIMER.length()) : fullId;
        String state = state(verb, timer, json);
        String type = json.path("type").asString("");
        Fields fields = Fields.NONE.and("id", id).and("type", type);
        if (json.has("cause")) {
            fields = fields.and("cause", json.path("cause").asString(""));
        }
        String cause = String.valueOf(fields.map().getOrDefault("cause", ""));
        return Optional.of(new Told(
                kind,
                kind + "-" + state,
                fields,
                String.format(
                        Locale.ROOT,
                        "%s %s (%s) is %s%s",
                        kind,
                        id,
                        type,
                        state,
                        cause.isEmpty() ? "" : ": " + cause)));
    }

    private static String state(String verb, boolean timer, JsonNode json) {
        if (verb.equals("done")) {
            return "done";
        } else if (verb.equals("cancelled")) {
            return timer ? "cleared" : "cancelled";
        } else if (json.path("dead").asInt(0) == 1) {
            return "dead";
        } else if (json.path("failures").asInt(0) > 0) {
            return "retried";
        }
        return timer ? json.path("fired").asInt(0) == 1 ? "fired" : "set" : "accepted";
    }
}
