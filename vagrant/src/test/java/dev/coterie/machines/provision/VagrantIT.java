package dev.coterie.machines.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coterie.machines.lab.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Vagrant and systemd say of the files that they are given. */
class VagrantIT {

    @TempDir
    private Path folder;

    @Test
    void the_file_is_valid_and_has_four_machines() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/vagrant")), "there is no vagrant; .ci/run installs it");
        Script validate = vagrant("validate", "-p");
        assertThat(validate.orFail()).contains("Vagrantfile validated successfully.");
        assertThat(validate.output()).contains("==> etcd:", "==> A:", "==> B:", "==> C:");
    }

    private Script vagrant(String... words) {
        List<String> command = new ArrayList<>(List.of("vagrant"));
        command.addAll(List.of(words));
        ProcessBuilder recipe =
                new ProcessBuilder(command).directory(Path.of("..").toFile());
        recipe.environment().put("VAGRANT_HOME", folder.toString());
        recipe.environment().put("VAGRANT_CHECKPOINT_DISABLE", "1");
        return Script.run(recipe);
    }

    @Test
    void the_unit_of_a_node_is_one_that_systemd_knows_and_is_hardened() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "there is no systemd; .ci/run installs it");
        // It looks whether the program is there, and on this machine it is not.
        String unit = Files.readString(Path.of("coterie.service")).replace("/opt/coterie/bin/coterie", "/bin/true");
        Path file = Files.writeString(folder.resolve("coterie.service"), unit);

        Script verify = Script.run(List.of("systemd-analyze", "verify", file.toString()));
        assertThat(verify.orFail() + verify.errors()).doesNotContain("coterie.service");
        Script security =
                Script.run(List.of("systemd-analyze", "security", "--offline=yes", "--threshold=30", file.toString()));
        assertThat(security.orFail()).contains("Overall exposure level");
    }
}
