package dev.coterie.workers.monitor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this program is made of: the JVM, and what is on its class path. */
final class Dependencies {

    private static final Pattern NAME = Pattern.compile("(.+?)-([0-9][^/]*)\\.jar");

    private Dependencies() {}

    static Map<String, Object> all() {
        List<Map<String, Object>> parts = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                parts.add(part(Path.of(entry)));
            }
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("java", Runtime.version().toString());
        all.put("vm", System.getProperty("java.vm.name"));
        all.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        all.put("classPath", parts);
        return all;
    }

    /** The version is its manifest's, or what its file is called; empty if neither says. */
    private static Map<String, Object> part(Path path) {
        String file = String.valueOf(path.getFileName());
        Matcher named = NAME.matcher(file);
        String version = named.matches() ? named.group(2) : "";
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("name", named.matches() ? named.group(1) : file);
        part.put("version", version.isEmpty() ? manifestVersion(path) : version);
        part.put("file", path.toString());
        return part;
    }

    private static String manifestVersion(Path path) {
        if (!path.toString().endsWith(".jar")) {
            return "";
        }
        try (JarFile jar = new JarFile(path.toFile())) {
            return Optional.ofNullable(jar.getManifest())
                    .map(Manifest::getMainAttributes)
                    .map(attributes -> attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION))
                    .orElse("");
        } catch (IOException unreadable) {
            return "";
        }
    }
}
