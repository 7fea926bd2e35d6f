package dev.coterie.node;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.coterie.node.output.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/** The log: lines for people, or JSON, one object to a line; each with the node's name and, if it is master, its term. */
final class LogEncoder extends EncoderBase<ILoggingEvent> {

    private static final byte[] NOTHING = {};

    private static final DateTimeFormatter BRIEF =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private static final DateTimeFormatter FULL =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    /** The process's node, once there is one. */
    private static volatile Supplier<Whose> whose = () -> Whose.NOBODY;

    private final boolean json;
    private final boolean full;

    /**
     * Whose log it is.
     *
     * @param name the node's; empty while there is none
     * @param term of its mastership; 0 if it has none
     */
    record Whose(String name, long term) {
        static final Whose NOBODY = new Whose("", 0);
    }

    /**
     * Creates it.
     *
     * @param full with thread, logger and stack traces; JSON always has them
     */
    LogEncoder(boolean json, boolean full) {
        this.json = json;
        this.full = full;
    }

    /** From now on, it is this node's log. */
    static void of(Supplier<Whose> node) {
        whose = node;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = json ? json(event, whose.get()) : text(event, whose.get());
        return (line + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    private static String json(ILoggingEvent event, Whose node) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", Event.shown(Instant.ofEpochMilli(event.getTimeStamp())));
        fields.put("level", event.getLevel().toString());
        fields.put("node", node.name());
        if (node.term() > 0) {
            fields.put("term", node.term());
        }
        fields.put("logger", event.getLoggerName());
        fields.put("thread", event.getThreadName());
        fields.put("message", event.getFormattedMessage());
        trace(event).ifPresent(trace -> fields.put("exception", trace));
        return JsonHolder.JSON.writeValueAsString(fields);
    }

    private String text(ILoggingEvent event, Whose node) {
        Instant time = Instant.ofEpochMilli(event.getTimeStamp());
        StringBuilder line = new StringBuilder((full ? FULL : BRIEF).format(time))
                .append(' ')
                .append("%-5s".formatted(event.getLevel()))
                .append(' ');
        if (!node.name().isEmpty()) {
            line.append(node.name())
                    .append(node.term() > 0 ? "@" + node.term() : "")
                    .append(' ');
        }
        if (full) {
            String logger = event.getLoggerName();
            line.append('[').append(event.getThreadName()).append("] ");
            line.append(logger.substring(logger.lastIndexOf('.') + 1)).append(": ");
        }
        line.append(event.getFormattedMessage());
        if (full) {
            trace(event).ifPresent(trace -> line.append('\n').append(trace.stripTrailing()));
        }
        return line.toString();
    }

    private static Optional<String> trace(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return Optional.ofNullable(thrown).map(ThrowableProxyUtil::asString);
    }

    /** Made when the first line of JSON is. */
    private static final class JsonHolder {
        static final JsonMapper JSON = JsonMapper.builder().build();
    }
}
