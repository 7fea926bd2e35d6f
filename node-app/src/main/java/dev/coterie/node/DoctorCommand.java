package dev.coterie.node;

import dev.coterie.node.doctor.Doctor;
import dev.coterie.node.doctor.Finding;
import dev.coterie.node.doctor.Finding.Level;
import dev.coterie.node.output.Palette;
import dev.coterie.node.output.Table;
import dev.coterie.node.settings.Configuration;
import dev.coterie.node.settings.Settings;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code coterie doctor}. */
@Command(
        name = "doctor",
        description = "Looks at this machine's Java and ports, at etcd and at the cluster, and says what to do where"
                + " something is wrong.",
        footer = {"", "Example:", "  coterie doctor --etcd http://10.0.0.1:2379", "  coterie doctor --json | jq .wrong"
        })
final class DoctorCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration settings = Configuration.of(
                Settings.DOCTOR, Flags.given(spec.commandLine().getParseResult(), Settings.DOCTOR), System.getenv());
        List<Finding> findings = new Doctor(
                        NodeConfig.observer(settings), settings.get(Settings.PORT), settings.get(Settings.CONSOLE_PORT))
                .examine();
        long wrong = Doctor.count(findings, Level.WRONG);
        PrintWriter out = spec.commandLine().getOut();
        if (settings.get(Settings.JSON)) {
            out.println(JsonMapper.builder()
                    .build()
                    .writeValueAsString(Fields.NONE
                            .and("findings", findings)
                            .and("wrong", wrong)
                            .map()));
        } else {
            print(findings, out);
        }
        out.flush();
        if (wrong == 0) {
            return ExitCode.OK;
        }
        return Doctor.isWithoutEtcd(findings) ? ExitCode.ETCD : ExitCode.FAILED;
    }

    private static void print(List<Finding> findings, PrintWriter out) {
        Palette palette = Palette.of(System.getenv());
        for (Finding finding : findings) {
            String level = finding.level() == Level.WRONG
                    ? "WRONG"
                    : finding.level().name().toLowerCase(Locale.ROOT);
            String line = String.format(
                    Locale.ROOT, "%-6s %-22s %s", level, finding.subject(), Table.printable(finding.says()));
            out.println(finding.level() == Level.WRONG ? palette.bold(line) : line);
            if (!finding.remedy().isEmpty()) {
                out.println("       " + " ".repeat(22) + " -> " + finding.remedy());
            }
        }
        long wrong = Doctor.count(findings, Level.WRONG);
        out.println(wrong == 0 ? "Nothing is wrong." : wrong + (wrong == 1 ? " thing is" : " things are") + " wrong.");
    }
}
