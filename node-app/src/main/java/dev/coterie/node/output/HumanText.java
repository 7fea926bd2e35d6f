package dev.coterie.node.output;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Events in words. A node is named without its UUID, a task by the first characters of its own. */
final class HumanText {

    private HumanText() {}

    /** One line, or several, without the last one's end. */
    static String of(Event event) {
        return switch (event.event()) {
            case "init" ->
                "is here as " + event.text("id") + " at " + place(event) + "; "
                        + others(event.list("members"), event.text("id"));
            case "added" -> "+ " + node(event, "id") + " has come, at " + place(event);
            case "removed" -> "- " + node(event, "id") + " has gone";
            case "updated" -> "~ " + node(event, "id") + " now says something else of itself";
            case "change" -> count(event.number("members"), "member") + " now";
            case "promotion" -> "IS MASTER from now on (term " + event.number("term") + ")";
            case "demotion" -> "is not master any more: " + event.text("reason");
            case "master" -> "sees a new master: " + node(event, "id");
            case "lost" -> "lost its session: " + event.text("reason");
            case "rejoined" -> "is a member again, as " + event.text("id");
            case "console" -> "shows the cluster at " + event.text("url");
            case "left" -> "has left";
            case "service" -> "can use service " + event.text("service") + " of " + node(event, "id");
            case "service-updated" -> node(event, "id") + " now says something else of its " + event.text("service");
            case "service-removed" ->
                "cannot use service " + event.text("service") + " of " + node(event, "id") + " any more: "
                        + event.text("reason");
            case "ready" -> "has all it needs: " + words(event.list("services"));
            case "notready" -> "misses what it needs: " + words(event.list("unmet"));
            case "info" -> info(event);
            default -> task(event);
        };
    }

    private static String task(Event event) {
        return switch (event.event()) {
            case "task" ->
                "task " + uuid(event) + " to " + node(event, "executor") + ": " + event.number("number") + " x 3";
            case "resent" ->
                "task " + uuid(event) + " to " + node(event, "executor") + ", attempt " + event.number("attempt") + ": "
                        + event.text("reason");
            case "skip" -> "no task this time: " + event.text("reason");
            case "adopted" -> "sees to " + count(event.list("tasks").size(), "task") + " of earlier masters";
            case "work" ->
                "works on " + uuid(event) + ": " + event.number("number") + " x 3, for "
                        + seconds(Duration.ofMillis(event.number("ms")));
            case "answer" -> "answers " + uuid(event) + ": " + event.number("result");
            case "declined" -> "declines " + uuid(event) + ": it has too much in work";
            case "result" ->
                "result of " + uuid(event) + " from " + node(event, "executor") + ": "
                        + event.number("result") + (event.flag("right") ? ", right" : ", WRONG") + ", after "
                        + seconds(Duration.between(instant(event, "start"), instant(event, "finish")));
            case "duplicate" -> "ignores another result of " + uuid(event) + " from " + node(event, "executor");
            case "stray" ->
                "ignores a result of " + uuid(event) + " from " + node(event, "executor")
                        + ": it never heard of that task";
            default -> event.event() + " " + event.fields();
        };
    }

    private static String info(Event event) {
        List<?> masters = event.list("masters");
        String master = masters.isEmpty()
                ? "there is no master"
                : "master is " + masters.stream().map(Event::name).collect(Collectors.joining(", "));
        String counts = event.fields().get("counts") instanceof Map<?, ?> map
                ? map.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "))
                : "";
        return "is " + event.text("id") + " at " + place(event) + ", up " + event.text("up") + "; " + master + "; "
                + others(event.list("members"), event.text("id")) + "; " + counts;
    }

    private static String others(List<?> members, String self) {
        List<String> names = members.stream()
                .filter(member -> member instanceof Map<?, ?> map && !self.equals(map.get("id")))
                .map(member -> Event.name(((Map<?, ?>) member).get("id")))
                .toList();
        return names.isEmpty()
                ? "there is nobody else yet"
                : count(names.size(), "other") + ": " + String.join(", ", names);
    }

    private static String words(List<?> names) {
        return names.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static String node(Event event, String field) {
        return Event.name(event.text(field));
    }

    private static String place(Event event) {
        String address = event.text("address");
        return (address.contains(":") ? "[" + address + "]" : address) + ":" + event.number("port");
    }

    private static String uuid(Event event) {
        String uuid = event.text("uuid");
        return uuid.substring(0, Math.min(8, uuid.length()));
    }

    private static Instant instant(Event event, String field) {
        return Instant.parse(event.text(field));
    }

    private static String seconds(Duration duration) {
        return "%d.%01d s".formatted(duration.toSeconds(), duration.toMillisPart() / 100);
    }
}
