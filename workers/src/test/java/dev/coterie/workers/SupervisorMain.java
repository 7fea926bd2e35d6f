package dev.coterie.workers;

import dev.coterie.workers.supervisor.Ending;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.supervisor.SupervisorEvent;
import dev.coterie.workers.worker.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/** A program that is supervisor and worker, as which of the two it is started; events are lines of JSON. */
public final class SupervisorMain {

    private SupervisorMain() {}

    /**
     * Runs it.
     *
     * @param arguments the folder of pid files, and a command for the workers if it is not this one
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (Worker.isWorker()) {
            TestWorker.main(new String[0]);
            return;
        }
        SupervisorConfig.Builder config =
                SupervisorConfig.with().workers(2).name("Main").pids(Path.of(arguments[0]));
        if (arguments.length > 1) {
            config.command(java.util.List.of("sh", "-c", arguments[1]))
                    .readiness(dev.coterie.workers.supervisor.Readiness.START);
        }
        Supervisor supervisor = new Supervisor(config.build());
        supervisor.onEvent(SupervisorMain::say);
        supervisor.handleSignals();
        supervisor.start();
        Ending ending = supervisor.awaitEnd();
        supervisor.close();
        System.exit(ending == Ending.DONE ? 0 : 1);
    }

    private static void say(SupervisorEvent event) {
        System.out.println(event.json(Instant.now()));
    }
}
