package dev.coterie.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.Cluster;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Completion in the shells themselves. */
class CompletionIT {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "coterie me|members",
                "coterie tasks ca|cancel",
                "coterie members --js|--json",
                "coterie keys hist|history",
                "coterie tasks list --sta|--state",
                "coterie tasks list --state COMP|COMPLETED",
                "coterie completion z|zsh",
                "coterie doctor --console-p|--console-port",
            })
    void bash_completes(String typed, String expected) throws Exception {
        String words = quoted(typed);
        String program = """
                source %s
                complete -p coterie >/dev/null || exit 9
                COMP_WORDS=(%s)
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                COMP_LINE="%s"
                COMP_POINT=${#COMP_LINE}
                _complete_coterie
                printf '%%s\\n' "${COMPREPLY[@]}"
                """.formatted(script("bash"), words, typed);

        assertThat(run("bash", program)).contains(expected);
    }

    /** zsh completes only at a prompt, so it is asked whether it takes the script and which function it will call. */
    @Test
    void zsh_takes_the_script_and_knows_what_to_call() throws Exception {
        String program = """
                source %s
                print -r -- "${_comps[coterie]}"
                COMP_WORDS=(coterie tasks ca) COMP_CWORD=2 COMP_LINE='coterie tasks ca' COMP_POINT=16
                _complete_coterie
                print -rl -- "${COMPREPLY[@]}"
                """.formatted(script("zsh"));

        String answer = run("zsh", program);
        assertThat(answer).contains("_complete_coterie").contains("cancel");
    }

    private Path script(String shell) throws IOException {
        StringWriter out = new StringWriter();
        assertThat(Coterie.commandLine(Cluster::join)
                        .setOut(new PrintWriter(out, true))
                        .execute("completion", shell))
                .isZero();
        return Files.writeString(folder.resolve("completion." + shell), out.toString());
    }

    private static String quoted(String typed) {
        return "'" + typed.replace(" ", "' '") + "'";
    }

    private String run(String shell, String program) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        String flag = shell.equals("zsh") ? "-f" : "--norc";
        Process process = new ProcessBuilder(shell, flag, "-c", program)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String answer = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(answer).isZero();
        return answer;
    }
}
