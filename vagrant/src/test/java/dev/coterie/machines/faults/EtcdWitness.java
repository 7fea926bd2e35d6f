package dev.coterie.machines.faults;

import dev.coterie.machines.faults.EtcdCheck.KeyState;
import dev.coterie.machines.lab.Lab;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads etcd's own history by etcd's own client, which shares no code with what is tested. */
final class EtcdWitness implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Lab lab;
    private final EtcdCheck check = new EtcdCheck(1);
    private long revision;
    private int gaps;
    private volatile boolean closed;
    private volatile @Nullable Process watch;

    EtcdWitness(Lab lab) {
        this.lab = lab;
    }

    /** Begins with an etcd that is empty. */
    void start() {
        Thread reading = new Thread(this::readAll, "witness");
        reading.setDaemon(true);
        reading.start();
    }

    /** The last revision it has read. */
    synchronized long revision() {
        return revision;
    }

    /** How often it had to begin anew since history was compacted away; some revisions are unseen then. */
    synchronized int gaps() {
        return gaps;
    }

    /** What was not as it must be so far. */
    synchronized List<String> violations() {
        return List.copyOf(check.violations());
    }

    private void readAll() {
        while (!closed) {
            try {
                read();
            } catch (IOException | JacksonException | IllegalStateException ended) {
                // It begins again behind what it has read.
            }
        }
    }

    private void read() throws IOException {
        String endpoints =
                String.join(",", lab.etcdHosts().stream().map(Stage::url).toList());
        Process now = lab.builder(
                        "etcd",
                        "env",
                        "ETCDCTL_API=3",
                        "etcdctl",
                        "--endpoints",
                        endpoints,
                        "watch",
                        "",
                        "--prefix",
                        "-w",
                        "json",
                        "--rev",
                        "" + (revision() + 1))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        watch = now;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(now.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                take(JSON.readTree(line));
            }
        } finally {
            now.destroyForcibly();
        }
    }

    @Override
    public void close() {
        closed = true;
        Process now = watch;
        if (now != null) {
            now.destroyForcibly();
        }
    }

    /** What there was when history begins, in place of how it came about. */
    private void skipTo(long compacted) {
        String[] command = {"get", "", "--prefix", "--rev", "" + compacted, "-w", "json"};
        List<KeyState> there = new ArrayList<>();
        JSON.readTree(lab.etcdctl("etcd", command)).path("kvs").forEach(kv -> there.add(key(kv, false)));
        revision = compacted;
        gaps++;
        check.missed();
        check.revision(compacted, there);
    }

    private synchronized void take(JsonNode response) {
        long compacted = response.path("CompactRevision").asLong(0);
        if (compacted > revision) {
            skipTo(compacted);
        }
        Map<Long, List<KeyState>> changes = new TreeMap<>();
        response.path("Events")
                .forEach(event -> changes.computeIfAbsent(
                                event.path("kv").path("mod_revision").asLong(), unused -> new ArrayList<>())
                        .add(key(event.path("kv"), event.path("type").asInt(0) == 1)));
        changes.forEach((at, keys) -> {
            revision = at;
            check.revision(at, keys);
        });
    }

    private static KeyState key(JsonNode kv, boolean deleted) {
        return new KeyState(text(kv, "key"), text(kv, "value"), kv.path("lease").asLong(0), deleted);
    }

    private static String text(JsonNode kv, String field) {
        return new String(Base64.getDecoder().decode(kv.path(field).asString("")), StandardCharsets.UTF_8);
    }
}
