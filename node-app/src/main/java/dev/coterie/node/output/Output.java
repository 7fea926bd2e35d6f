package dev.coterie.node.output;

import java.io.PrintStream;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.function.Function;

/** Writes events, each with a single call so that lines of several threads do not mix. Any thread. */
public final class Output {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final PrintStream stream;
    private final boolean json;
    private final Palette palette;
    private final Function<Event, String> label;

    /**
     * Creates it.
     *
     * @param label what stands before an event's words and says whose they are, coloured already
     */
    public Output(PrintStream stream, boolean json, Palette palette, Function<Event, String> label) {
        this.stream = stream;
        this.json = json;
        this.palette = palette;
        this.label = label;
    }

    /** Says what happened; to people, not what they have just been told in other words. */
    public void say(Event event) {
        if (json) {
            stream.println(event.json());
        } else if (!isToldAlready(event)) {
            String text = HumanText.of(event);
            boolean matters = event.event().equals("promotion") || text.contains("WRONG");
            line(event, matters ? palette.bold(text) : text);
        }
    }

    /** That a new master sees itself as one. */
    private static boolean isToldAlready(Event event) {
        return event.event().equals("master") && event.text("id").equals(event.node());
    }

    /** Says it in other words to people; as {@link #say} to programs. */
    public void say(Event event, String words) {
        if (json) {
            stream.println(event.json());
        } else {
            line(event, words);
        }
    }

    /** Whether what is said goes nowhere, since whoever read it has gone. */
    public boolean isBroken() {
        return stream.checkError();
    }

    private void line(Event event, String text) {
        stream.println(palette.dim(TIME.format(event.time())) + " " + label.apply(event) + " " + text);
    }
}
