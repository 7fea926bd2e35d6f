package dev.coterie.workers.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a supervisor runs, and how. Immutable; {@link #with()} gives the defaults to change.
 *
 * @param command the program of each worker; default: this JVM's own command again, which tells by
 *     {@code Worker.isWorker()} that it is to be one
 * @param workers how many; default: as many as there are CPUs
 * @param name what people call the supervisor
 * @param workerName what people call a worker, before its number; default: {@code name}
 * @param environment what workers find in their environment besides the supervisor's own and what it tells them
 * @param pids the folder of pid files; default none
 * @param logs where what workers say goes; default: where what this process says on standard error goes
 * @param readiness how a worker shows that it is ready; default: it says so
 * @param readyWithin how long a worker has to be ready; default 60 s
 * @param drain how long a worker has to end when told to, before it is killed; default 30 s
 * @param restart what happens when one crashes
 * @param recycle when one is replaced though nothing is wrong with it
 * @param heartbeats how they show that they are alive
 */
public record SupervisorConfig(
        List<String> command,
        int workers,
        String name,
        String workerName,
        Map<String, String> environment,
        Optional<Path> pids,
        Optional<LogPolicy> logs,
        Readiness readiness,
        Duration readyWithin,
        Duration drain,
        RestartPolicy restart,
        RecyclePolicy recycle,
        Heartbeats heartbeats) {

    private static final Duration UNLINKED_GRACE = Duration.ofSeconds(2);

    /** Copies the collections and checks the numbers. */
    public SupervisorConfig {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        check(!command.isEmpty(), "command", command, "name a program");
        check(workers >= 1 && workers <= 1000, "workers", workers, "choose 1 to 1000");
        check(isName(name), "name", name, "choose 1 to 64 of a-z A-Z 0-9 . _ -");
        check(isName(workerName), "workerName", workerName, "choose 1 to 64 of a-z A-Z 0-9 . _ -");
        check(!readyWithin.isNegative() && !readyWithin.isZero(), "readyWithin", readyWithin, "choose more than zero");
        check(!drain.isNegative(), "drain", drain, "choose zero or more");
    }

    private static boolean isName(String text) {
        return text.matches("[A-Za-z0-9._-]{1,64}");
    }

    private static void check(boolean right, String field, Object value, String remedy) {
        if (!right) {
            throw new IllegalArgumentException(field + ": '" + value + "' will not do; " + remedy);
        }
    }

    /** The defaults, to be changed. */
    public static Builder with() {
        return new Builder();
    }

    /** What people call a worker: {@code workerName} and its number. */
    public String workerName(int number) {
        return workerName + "-" + number;
    }

    /** How long a worker may take from the end of its link to its own end. */
    Duration unlinkedGrace() {
        return UNLINKED_GRACE;
    }

    /** Makes a configuration; each method is called as what it sets. */
    public static final class Builder {

        private List<String> command = List.of();
        private int workers = Runtime.getRuntime().availableProcessors();
        private String name = "Worker";
        private String workerName = "";
        private final Map<String, String> environment = new LinkedHashMap<>();
        private Optional<Path> pids = Optional.empty();
        private Optional<LogPolicy> logs = Optional.empty();
        private Readiness readiness = Readiness.LINK;
        private Duration readyWithin = Duration.ofSeconds(60);
        private Duration drain = Duration.ofSeconds(30);
        private RestartPolicy restart = RestartPolicy.DEFAULT;
        private RecyclePolicy recycle = RecyclePolicy.DEFAULT;
        private Heartbeats heartbeats = Heartbeats.DEFAULT;

        private Builder() {}

        /** The program of each worker, and its arguments. */
        public Builder command(List<String> newCommand) {
            command = newCommand;
            return this;
        }

        /** How many workers. */
        public Builder workers(int newWorkers) {
            workers = newWorkers;
            return this;
        }

        /** What people call the supervisor. */
        public Builder name(String newName) {
            name = newName;
            return this;
        }

        /** What people call a worker, before its number. */
        public Builder workerName(String newName) {
            workerName = newName;
            return this;
        }

        /** One more variable of the workers' environment. */
        public Builder environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** The folder of pid files. */
        public Builder pids(Path folder) {
            pids = Optional.of(folder);
            return this;
        }

        /** Where what workers say goes. */
        public Builder logs(LogPolicy newLogs) {
            logs = Optional.of(newLogs);
            return this;
        }

        /** How a worker shows that it is ready. */
        public Builder readiness(Readiness newReadiness) {
            readiness = newReadiness;
            return this;
        }

        /** How long a worker has to be ready. */
        public Builder readyWithin(Duration time) {
            readyWithin = time;
            return this;
        }

        /** How long a worker has to end. */
        public Builder drain(Duration time) {
            drain = time;
            return this;
        }

        /** What happens when a worker crashes. */
        public Builder restart(RestartPolicy policy) {
            restart = policy;
            return this;
        }

        /** When a worker is replaced though nothing is wrong with it. */
        public Builder recycle(RecyclePolicy policy) {
            recycle = policy;
            return this;
        }

        /** How workers show that they are alive. */
        public Builder heartbeats(Heartbeats newHeartbeats) {
            heartbeats = newHeartbeats;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException if something will not do; the message names it
         */
        public SupervisorConfig build() {
            return new SupervisorConfig(
                    command.isEmpty() ? OwnCommand.of() : command,
                    workers,
                    name,
                    workerName.isEmpty() ? name : workerName,
                    environment,
                    pids,
                    logs,
                    readiness,
                    readyWithin,
                    drain,
                    restart,
                    recycle,
                    heartbeats);
        }
    }
}
