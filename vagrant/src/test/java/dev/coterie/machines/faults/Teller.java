package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Says on standard output what happens in this process, each at once and as one line. Any thread. */
final class Teller {

    private final String process;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    Teller(String process) {
        this.process = process;
    }

    void tell(Kind kind, String id) {
        tell(kind, id, "", 0);
    }

    void tell(Kind kind, String id, String text) {
        tell(kind, id, text, 0);
    }

    /** Returns when the line is in the pipe: what a killed process has said is heard. */
    synchronized void tell(Kind kind, String id, String text, long number) {
        out.println(new Happening(process, System.nanoTime(), kind, id, text, number).write());
    }
}
