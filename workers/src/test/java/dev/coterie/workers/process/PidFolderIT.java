package dev.coterie.workers.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.workers.TestWorker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PidFolderIT {

    private static final int FOLDERS = 200;

    @TempDir
    private Path folder;

    @Test
    void of_two_processes_that_take_a_folder_at_the_same_time_one_gets_it() throws IOException {
        List<Process> rivals = new ArrayList<>();
        try {
            for (int rival = 0; rival < 2; rival++) {
                rivals.add(new ProcessBuilder(TestWorker.command(Rival.class, folder.toString()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
            }
            List<BufferedReader> said = rivals.stream()
                    .map(rival -> new BufferedReader(new InputStreamReader(rival.getInputStream(), UTF_8)))
                    .toList();
            for (int number = 0; number < FOLDERS; number++) {
                for (BufferedReader one : said) {
                    assertThat(one.readLine()).isEqualTo("ready");
                }
                // Both hear it within microseconds, and then spin until the same moment.
                long moment = System.nanoTime() + 1_000_000;
                for (Process rival : rivals) {
                    rival.getOutputStream().write((moment + "\n").getBytes(UTF_8));
                    rival.getOutputStream().flush();
                }
                List<String> outcomes =
                        List.of(said.get(0).readLine(), said.get(1).readLine());
                assertThat(outcomes)
                        .as("folder %d", number)
                        .containsOnlyOnce("taken")
                        .anyMatch(
                                outcome -> outcome.startsWith("pids: '") && outcome.endsWith("choose another folder"));
            }
        } finally {
            rivals.forEach(Process::destroyForcibly);
        }
    }

    /** Takes one folder after the other, each at the moment that it is told. */
    static final class Rival {

        private Rival() {}

        public static void main(String[] arguments) throws IOException {
            BufferedReader told = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (int number = 0; number < FOLDERS; number++) {
                PidFolder pids = new PidFolder(Path.of(arguments[0], "pids-" + number));
                System.out.println("ready");
                long moment = Long.parseLong(told.readLine());
                while (System.nanoTime() < moment) {
                    Thread.onSpinWait();
                }
                try {
                    pids.take("rival");
                    System.out.println("taken");
                } catch (IOException refused) {
                    System.out.println(refused.getMessage());
                }
            }
            // Whoever has a folder has it for as long as it runs.
            System.in.read();
        }
    }
}
