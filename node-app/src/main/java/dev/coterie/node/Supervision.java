package dev.coterie.node;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.node.output.Event;
import dev.coterie.node.output.Output;
import dev.coterie.node.output.Palette;
import dev.coterie.workers.monitor.Monitor;
import dev.coterie.workers.monitor.MonitorConfig;
import dev.coterie.workers.supervisor.Ending;
import dev.coterie.workers.supervisor.Supervisor;
import dev.coterie.workers.supervisor.SupervisorConfig;
import dev.coterie.workers.supervisor.SupervisorEvent;
import java.io.IOException;
import java.net.BindException;

/** Runs a supervisor in the foreground, and says what happens. */
final class Supervision {

    private Supervision() {}

    /** What is made ready between the supervisor and its start. */
    interface Preparation {
        void on(Supervisor supervisor) throws IOException;
    }

    /**
     * Runs it until there are no workers any more.
     *
     * @return the exit status
     */
    static int run(SupervisorConfig config, MonitorConfig monitoring, Preparation preparation, boolean json) {
        Palette palette = Palette.of(System.getenv());
        Output output = new Output(System.out, json, palette, event -> palette.paint(0, event.node()));
        Ending ending;
        try (Supervisor supervisor = new Supervisor(config);
                Monitor monitor = new Monitor(monitoring, supervisor)) {
            supervisor.onEvent(event -> say(output, config.name(), event));
            preparation.on(supervisor);
            supervisor.handleSignals();
            if (!json) {
                System.out.println(
                        "Workers and ECV: http://" + monitoring.host() + ":" + monitor.port() + "/workers and /ecv");
            }
            supervisor.start();
            ending = supervisor.awaitEnd();
        } catch (BindException taken) {
            System.err.println("coterie: " + taken.getMessage());
            return ExitCode.PORT;
        } catch (IOException refused) {
            System.err.println("coterie: " + refused.getMessage());
            return ExitCode.FAILED;
        }
        return switch (ending) {
            case DONE -> ExitCode.OK;
            case KILLED, FAILED -> ExitCode.FAILED;
            case GAVE_UP -> ExitCode.CRASHES;
        };
    }

    private static void say(Output output, String name, SupervisorEvent event) {
        Event said = new Event(event.event(), name, Clock.system().now(), event.fields());
        output.say(said, words(said));
    }

    private static String words(Event event) {
        String worker = event.text("name") + " (process " + event.number("pid") + ")";
        return switch (event.event()) {
            case "forked" -> worker + " was started";
            case "listening" ->
                worker + " is ready" + (event.number("port") > 0 ? ", on port " + event.number("port") : "");
            case "draining" -> worker + " is to end: " + event.text("why");
            case "died" -> worker + " has ended: " + event.text("cause");
            case "heartbeat" ->
                event.number("workers") + " workers are ready; they have taken " + event.number("connections")
                        + " connections and worked on " + event.number("received") + " data";
            case "warning" -> "WARNING " + event.text("text");
            default -> event.event();
        };
    }
}
