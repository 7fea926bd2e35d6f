package dev.coterie.cluster.simulation;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The production code with one mistake in it.
 *
 * @param mistake what was done wrong, in words
 * @param file the source file, below the library's root package
 * @param correct a text that stands in it exactly once
 * @param wrong what stands there instead
 * @param seed the simulation's first seed that showed the mistake when it was last looked for; tried first
 */
record Mutant(String mistake, String file, String correct, String wrong, long seed) {

    private static final Path SOURCES = Path.of("src/main/java/dev/coterie/cluster");
    private static final String PACKAGE = "dev.coterie.cluster.";

    /** A mistake that any few seeds show. */
    Mutant(String mistake, String file, String correct, String wrong) {
        this(mistake, file, correct, wrong, 1);
    }

    /** Compiles the mistake and gives the simulation that runs on it: a seed in, what was wrong out. */
    LongFunction<List<String>> simulation(Path folder) throws IOException, ReflectiveOperationException {
        compile(mutate(folder), folder);
        // Stays open as long as what it has loaded is used; the test's JVM ends soon.
        ClassLoader loader = new MutantLoader(folder);
        Class<?> entry = loader.loadClass(SimulationEntry.class.getName());
        @SuppressWarnings("unchecked")
        LongFunction<List<String>> run =
                (LongFunction<List<String>>) entry.getDeclaredConstructor().newInstance();
        return run;
    }

    private Path mutate(Path folder) throws IOException {
        String source = Files.readString(SOURCES.resolve(file));
        int first = source.indexOf(correct);
        if (first < 0 || source.indexOf(correct, first + 1) >= 0) {
            throw new IllegalStateException("mutant \"" + mistake + "\": '" + correct
                    + "' does not stand exactly once in " + file + "; bring the mutant up to date");
        }
        Path mutated = folder.resolve("source").resolve(file);
        Files.createDirectories(mutated.getParent());
        return Files.writeString(mutated, source.replace(correct, wrong));
    }

    private static void compile(Path source, Path folder) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-d", folder.toString(), "-proc:none", "-classpath", System.getProperty("java.class.path"));
            if (!compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IllegalStateException(source + " does not compile: " + said);
            }
        }
    }

    /** Loads the library and the simulation anew, the mutated classes first. */
    private static final class MutantLoader extends URLClassLoader {

        MutantLoader(Path folder) {
            super(urls(folder), Mutant.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                if (known != null) {
                    return known;
                }
                return name.startsWith(PACKAGE) ? findClass(name) : super.loadClass(name, resolve);
            }
        }

        private static URL[] urls(Path folder) {
            List<URL> urls = new ArrayList<>(List.of(url(folder)));
            Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1))
                    .map(Path::of)
                    .map(MutantLoader::url)
                    .forEach(urls::add);
            return urls.toArray(new URL[0]);
        }

        private static URL url(Path path) {
            try {
                return path.toUri().toURL();
            } catch (MalformedURLException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}
