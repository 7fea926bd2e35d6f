package dev.coterie.node.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Supervisor and balancer beside the systems that they replace, as the launcher runs them. */
public final class BalanceBench {

    /** As in the launcher. */
    private static final List<String> FLAGS =
            List.of("-Xms16m", "-Xmx128m", "-Xmn12m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private BalanceBench() {}

    /**
     * Runs it: a few minutes.
     *
     * @param originals the folder of the original and its sender
     * @return the figures, by what they are
     */
    public static Map<String, Object> run(Path originals, PrintStream out) throws IOException {
        Map<String, Object> figures = new LinkedHashMap<>();
        new FootprintBench(out, FLAGS, figures).run();
        try (Sender sender = new Sender(originals.resolve("blast.c"))) {
            new UdpBench(out, FLAGS, sender, figures).run(originals.resolve("balancer.js"));
        }
        new ProxyBench(out, FLAGS, figures).run();
        return figures;
    }
}
