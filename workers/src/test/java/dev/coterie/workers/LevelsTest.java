package dev.coterie.workers;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds the house in order: which room may look into which. */
class LevelsTest {

    private static final String ROOT = "dev.coterie.workers";

    /** A package may use only packages of lower levels. */
    private static final Map<String, Integer> LEVELS =
            Map.of("io", 0, "process", 0, "link", 1, "worker", 2, "supervisor", 2, "monitor", 3, "traffic", 4);

    private static final Set<String> OF_CLUSTER =
            Set.of("dev.coterie.cluster.concurrent", "dev.coterie.cluster.balance");

    private static final Set<String> TIME = Set.of(
            "java.lang.System.nanoTime()",
            "java.lang.System.currentTimeMillis()",
            "java.time.Instant.now()",
            "java.lang.Thread.sleep(long)");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void a_package_uses_only_lower_levels_and_of_the_cluster_only_loops_and_balancers() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass one : CLASSES) {
            assertThat(LEVELS).containsKey(room(one));
            for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                JavaClass other = dependency.getTargetClass().getBaseComponentType();
                String name = other.getPackageName();
                boolean upward = name.startsWith(ROOT)
                        && !room(other).equals(room(one))
                        && LEVELS.get(room(other)) >= LEVELS.get(room(one));
                if (upward || (name.startsWith("dev.coterie.cluster") && !OF_CLUSTER.contains(name))) {
                    wrong.add(one.getName() + " -> " + other.getName());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void only_the_library_s_clock_tells_the_time() {
        assertThat(CLASSES.stream()
                        .flatMap(one -> one.getMethodCallsFromSelf().stream())
                        .filter(call -> TIME.contains(call.getTarget().getFullName()))
                        .map(Object::toString))
                .isEmpty();
    }

    private static String room(JavaClass one) {
        return one.getPackageName().substring(ROOT.length() + 1).split("\\.", 2)[0];
    }
}
