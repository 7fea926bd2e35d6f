package dev.coterie.workers;

import dev.coterie.workers.link.Datum;
import dev.coterie.workers.link.Notification;
import dev.coterie.workers.worker.Delegation;
import dev.coterie.workers.worker.Worker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A worker for tests: says what it gets on standard output, and answers data with its name and the data. */
public final class TestWorker {

    private TestWorker() {}

    public static void main(String[] arguments) throws InterruptedException {
        Worker worker = Worker.connect();
        worker.onData(datum -> work(worker, datum));
        worker.onNotification(told -> hear(told));
        worker.onAnswer("price", answer -> say("heard " + answer));
        worker.onDrain(() -> say("drains"));
        if (arguments.length > 0 && arguments[0].equals("never-ready")) {
            Thread.currentThread().join();
        }
        say("ready");
        worker.run();
    }

    private static void hear(Notification told) {
        if (told.type().equals("nonsense")) {
            throw new IllegalStateException("who would say such a thing");
        }
        String data = told.data().toString();
        say("told " + told.type() + " " + data.substring(0, Math.min(100, data.length())));
    }

    private static void work(Worker worker, Datum datum) {
        String text = new String(datum.bytes(), StandardCharsets.UTF_8);
        if (text.startsWith("note ")) {
            say(text);
        } else if (text.startsWith("ask ")) {
            ask(worker, text.substring(4));
        } else if (text.equals("die")) {
            Runtime.getRuntime().halt(3);
        } else if (text.startsWith("measure ")) {
            worker.reply(datum, Integer.toString(text.length()).getBytes(StandardCharsets.UTF_8));
        } else if (text.startsWith("give ")) {
            worker.reply(datum, new byte[Integer.parseInt(text.substring(5))]);
        } else {
            worker.reply(datum, (worker.name() + " " + text + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void ask(Worker worker, String what) {
        var unused = worker.delegate(Delegation.of("quote", Map.of("of", what), "price")
                        .withMatches("of")
                        .withNotification()
                        .withTargets("Test-1"))
                .whenComplete((answer, failure) -> say("got " + (failure == null ? answer : failure.getMessage())));
    }

    private static void say(String text) {
        System.out.println(text);
    }

    /** How to start it. */
    public static List<String> command(String... arguments) {
        return command(TestWorker.class, arguments);
    }

    /** How to start a program on this class path, quickly. */
    public static List<String> command(Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
