package dev.coterie.node;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.worker.Worker;
import java.nio.charset.StandardCharsets;

/** A worker that says what it gets. */
final class PrintingWorker {

    private static final int SHOWN = 60;

    private final Worker worker = Worker.connect();
    private long data;

    private PrintingWorker() {}

    /** Runs it, as a process of its own. */
    public static void main(String[] args) {
        PrintingWorker printing = new PrintingWorker();
        printing.worker.onData(printing::print);
        printing.worker.onNotification(told -> printing.say("is told: " + told.type() + " " + told.data()));
        printing.worker.run();
    }

    private void print(Datum datum) {
        data++;
        String text = new String(datum.bytes(), StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", ".");
        say("works on datum " + data + ": " + datum.bytes().length + " bytes from " + datum.remote() + ": "
                + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text));
    }

    private void say(String text) {
        System.out.println(worker.name() + " " + text);
    }
}
