package dev.coterie.machines.upgrade;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The distribution as a build with another version makes it: what the jars say of themselves differs. */
final class OtherVersion {

    private OtherVersion() {}

    static void make(Path from, Path to, String version) throws IOException {
        Files.createDirectories(to.resolve("lib"));
        try (Stream<Path> jars = Files.list(from.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Path copy = to.resolve("lib").resolve(jar.getFileName());
                if (jar.getFileName().toString().startsWith("coterie-")) {
                    rewrite(jar, copy, version);
                } else {
                    Files.createLink(copy, jar);
                }
            }
        }
    }

    private static void rewrite(Path from, Path to, String version) throws IOException {
        try (JarFile jar = new JarFile(from.toFile());
                OutputStream file = Files.newOutputStream(to)) {
            Manifest manifest = jar.getManifest();
            manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
            try (JarOutputStream copy = new JarOutputStream(file, manifest)) {
                copyEntries(jar, copy);
            }
        }
    }

    private static void copyEntries(JarFile jar, JarOutputStream copy) throws IOException {
        for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            JarEntry entry = entries.nextElement();
            if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                copy.putNextEntry(new JarEntry(entry.getName()));
                try (InputStream content = jar.getInputStream(entry)) {
                    content.transferTo(copy);
                }
                copy.closeEntry();
            }
        }
    }
}
