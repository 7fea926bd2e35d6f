package dev.coterie.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds the house in order: which room may look into which. */
class LevelsTest {

    private static final String ROOT = "dev.coterie.cluster";

    /** A package may use only packages of lower levels: design, section 4. */
    private static final Map<String, Integer> LEVELS = Map.ofEntries(
            Map.entry("concurrent", 0),
            Map.entry("balance", 0),
            Map.entry("meter", 0),
            Map.entry("discovery", 0),
            Map.entry("store", 1),
            Map.entry("link", 1),
            Map.entry("service", 1),
            Map.entry("lan", 1),
            Map.entry("session", 2),
            Map.entry("journal", 2),
            Map.entry("membership", 3),
            Map.entry("liveness", 4),
            Map.entry("election", 4),
            Map.entry("channel", 4),
            Map.entry("work", 5),
            Map.entry("", 6));

    private static final Set<String> TIME_AND_THREADS = Set.of(
            "java.lang.System.nanoTime()",
            "java.lang.System.currentTimeMillis()",
            "java.time.Instant.now()",
            "java.lang.Thread.sleep(long)");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void every_package_has_a_level() {
        Set<String> rooms = CLASSES.stream().map(LevelsTest::room).collect(Collectors.toSet());
        assertThat(LEVELS.keySet()).containsAll(rooms);
    }

    @Test
    void a_package_uses_only_lower_levels() {
        Map<String, Set<String>> upward = new TreeMap<>();
        for (JavaClass one : CLASSES) {
            for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                JavaClass other = dependency.getTargetClass().getBaseComponentType();
                boolean inside =
                        other.getPackageName().startsWith(ROOT) && !room(other).equals(room(one));
                if (inside && LEVELS.get(room(other)) >= LEVELS.get(room(one))) {
                    upward.computeIfAbsent(room(one), none -> new TreeSet<>())
                            .add(one.getSimpleName() + " -> " + other.getName());
                }
            }
        }
        assertThat(upward).isEmpty();
    }

    @Test
    void only_concurrent_asks_the_machine_for_the_time() {
        List<String> calls = CLASSES.stream()
                .filter(one -> !room(one).equals("concurrent"))
                .flatMap(one -> one.getMethodCallsFromSelf().stream())
                .filter(call -> TIME_AND_THREADS.contains(call.getTarget().getFullName()))
                .map(Object::toString)
                .toList();
        assertThat(calls).isEmpty();
    }

    @Test
    void etcd_and_grpc_stay_behind_their_doors() {
        Map<String, Set<String>> outside = new TreeMap<>();
        for (JavaClass one : CLASSES) {
            for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
                String other = dependency.getTargetClass().getPackageName();
                boolean wire = other.startsWith("io.etcd")
                        || other.startsWith("io.grpc")
                        || other.startsWith("io.netty")
                        || other.startsWith("com.google");
                if (wire && !Set.of("store", "link").contains(room(one))) {
                    outside.computeIfAbsent(one.getName(), none -> new TreeSet<>())
                            .add(other);
                }
            }
        }
        assertThat(outside).isEmpty();
    }

    @Test
    void no_public_method_shows_a_type_of_etcd_or_grpc() {
        List<String> shown = CLASSES.stream()
                .filter(one -> one.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC))
                .flatMap(one -> one.getCodeUnits().stream())
                .filter(unit -> unit.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC))
                .filter(unit -> unit.getAllInvolvedRawTypes().stream()
                        .anyMatch(type -> type.getName().startsWith("io.")))
                .map(Object::toString)
                .toList();
        assertThat(shown).isEmpty();
    }

    private static String room(JavaClass one) {
        String name = one.getPackageName();
        return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1).split("\\.", 2)[0];
    }
}
