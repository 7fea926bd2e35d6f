package dev.coterie.workers.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a process takes, as far as the system says. */
final class Usage {

    private Usage() {}

    /**
     * Adds how many bytes of memory it takes, how many milliseconds of a CPU it has had, and how many it has run; 0 each
     * where that is not known.
     */
    static void add(Map<String, Object> fields, long pid, Instant now) {
        Optional<ProcessHandle.Info> info = ProcessHandle.of(pid).map(ProcessHandle::info);
        fields.put("memory", memory(pid));
        fields.put(
                "cpu",
                info.flatMap(ProcessHandle.Info::totalCpuDuration)
                        .orElse(Duration.ZERO)
                        .toMillis());
        fields.put(
                "uptime",
                info.flatMap(ProcessHandle.Info::startInstant)
                        .map(start -> Duration.between(start, now).toMillis())
                        .orElse(0L));
    }

    private static long memory(long pid) {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .sum();
        } catch (IOException notHere) {
            return 0;
        }
    }
}
