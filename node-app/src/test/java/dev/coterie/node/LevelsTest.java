package dev.coterie.node;

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

/** Holds the application's packages in order, as the library's are. */
class LevelsTest {

    private static final String ROOT = "dev.coterie.node";

    /** A package may use only packages of lower levels. */
    private static final Map<String, Integer> LEVELS = Map.ofEntries(
            Map.entry("value", 0),
            Map.entry("output", 0),
            Map.entry("archive", 0),
            Map.entry("pipeline", 1),
            Map.entry("metrics", 1),
            Map.entry("console", 2),
            Map.entry("doctor", 2),
            Map.entry("settings", 2),
            Map.entry("demo", 2),
            Map.entry("bench", 2),
            Map.entry("", 3));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void a_package_uses_only_lower_levels() {
        Set<String> upward = new TreeSet<>();
        for (JavaClass one : CLASSES) {
            assertThat(LEVELS).containsKey(room(one));
            for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                JavaClass other = dependency.getTargetClass().getBaseComponentType();
                if (other.getPackageName().startsWith(ROOT)
                        && !room(other).equals(room(one))
                        && LEVELS.get(room(other)) >= LEVELS.get(room(one))) {
                    upward.add(one.getName() + " -> " + other.getName());
                }
            }
        }
        assertThat(upward).isEmpty();
    }

    @Test
    void only_the_library_s_clock_tells_the_time() {
        Set<String> clocks = Set.of(
                "java.lang.System.nanoTime()",
                "java.lang.System.currentTimeMillis()",
                "java.time.Instant.now()",
                "java.lang.Thread.sleep(long)");

        assertThat(CLASSES.stream()
                        .flatMap(one -> one.getMethodCallsFromSelf().stream())
                        .filter(call -> clocks.contains(call.getTarget().getFullName()))
                        .map(Object::toString))
                .isEmpty();
    }

    private static String room(JavaClass one) {
        String name = one.getPackageName();
        return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
    }
}
