package dev.coterie.node.doctor;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.store.EtcdStatus;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.KeyValueStore.Space;
import dev.coterie.cluster.store.Range;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Looks at one member of etcd: whether it answers, what it complains of, how fast it is, how full, how late. */
final class EtcdMember {

    private static final int READS = 11;
    private static final Duration SLOW = Duration.ofMillis(100);
    private static final Duration CLOCK = Duration.ofSeconds(2);

    private final URI endpoint;
    private final Duration patience;
    private final List<Finding> findings = new ArrayList<>();

    EtcdMember(URI endpoint, Duration patience) {
        this.endpoint = endpoint;
        this.patience = patience;
    }

    /** All there is to say of it. */
    List<Finding> examine() {
        try (ThreadEventLoop loop = new ThreadEventLoop("coterie-doctor");
                EtcdStore store = new EtcdStore(List.of(endpoint), patience, loop)) {
            EtcdStatus status = store.status().join();
            health(status);
            latency(store);
            space(status.space());
            findings.add(clock(endpoint, patience));
        } catch (CompletionException failure) {
            String cause = String.valueOf(
                    failure.getCause() == null
                            ? failure.getMessage()
                            : failure.getCause().getMessage());
            findings.add(Finding.wrong(
                    "etcd",
                    endpoint + " does not answer: " + cause,
                    "check that etcd runs there and that no firewall is between, or name another with --etcd"));
        }
        return findings;
    }

    private void health(EtcdStatus status) {
        String subject = "etcd " + endpoint.getAuthority();
        String version = "version " + status.version();
        if (!status.leader()) {
            findings.add(Finding.wrong(
                    subject,
                    version + ", and it knows no leader: it decides nothing",
                    "bring back a majority of its members; see 'etcdctl endpoint status --cluster'"));
        } else if (status.learner()) {
            findings.add(Finding.wrong(
                    subject, version + ", a learner, which serves nobody", "promote it, or name another with --etcd"));
        } else if (status.version().matches("([0-2]|3\\.[0-2])\\..*")) {
            findings.add(Finding.wrong(subject, version + ", which is too old", "use etcd 3.3 or later"));
        } else {
            findings.add(Finding.ok(subject, version + ", healthy"));
        }
        for (String alarm : status.alarms()) {
            boolean space = alarm.contains("NOSPACE");
            findings.add(Finding.wrong(
                    "etcd alarm",
                    alarm,
                    space
                            ? "compact and defragment it, then 'etcdctl alarm disarm'; raise --quota-backend-bytes if it"
                                    + " comes again"
                            : "see 'etcdctl alarm list' and etcd's log"));
        }
    }

    private void latency(EtcdStore store) {
        long[] nanos = new long[READS];
        for (int read = 0; read < READS; read++) {
            long begun = Clock.system().nanoTime();
            var unused = store.range(Range.key("coterie-doctor")).join();
            nanos[read] = Clock.system().nanoTime() - begun;
        }
        Arrays.sort(nanos);
        Duration median = Duration.ofNanos(nanos[READS / 2]);
        String says = "a read takes %.1f ms, at most %.1f".formatted(nanos[READS / 2] / 1e6, nanos[READS - 1] / 1e6);
        findings.add(
                median.compareTo(SLOW) < 0
                        ? Finding.ok("etcd latency", says)
                        : Finding.note(
                                "etcd latency",
                                says,
                                "give etcd a disk of its own and machines near each other; raise --request-timeout if it"
                                        + " has to be so"));
    }

    private void space(Space space) {
        Optional<Double> quota = EtcdPage.read(endpoint, "/metrics", patience)
                .flatMap(page -> page.number("etcd_server_quota_backend_bytes"))
                .filter(bytes -> bytes > 0);
        String says = mib(space.file()) + " on disk, " + mib(space.inUse()) + " of it in use";
        if (quota.isEmpty()) {
            findings.add(Finding.note("etcd space", says + "; its quota is not told", "see its --quota-backend-bytes"));
            return;
        }
        double full = space.file() / quota.get();
        says += ", of a quota of " + mib(quota.get().longValue());
        findings.add(
                full < 0.8
                        ? Finding.ok("etcd space", says)
                        : Finding.wrong(
                                "etcd space",
                                says,
                                "'etcdctl defrag' gives back what is not in use; compact first, or raise"
                                        + " --quota-backend-bytes"));
    }

    /** By a page's date, which is in whole seconds: two clocks that differ by less look alike. */
    static Finding clock(URI endpoint, Duration patience) {
        Instant before = Clock.system().now();
        Optional<Instant> date = EtcdPage.read(endpoint, "/version", patience).flatMap(EtcdPage::date);
        if (date.isEmpty()) {
            return Finding.note("clock", "etcd at " + endpoint.getAuthority() + " does not tell its time", "");
        }
        Duration behind = Duration.between(Clock.system().now(), date.get());
        Duration ahead = Duration.between(date.get().plusSeconds(1), before);
        boolean late = behind.compareTo(ahead) > 0;
        Duration off = late ? behind : ahead;
        return off.compareTo(CLOCK) < 0
                ? Finding.ok("clock", "this machine's and etcd's agree, to a second or two")
                : Finding.wrong(
                        "clock",
                        "this machine's is at least " + off.toSeconds() + " s " + (late ? "behind" : "ahead of")
                                + " etcd's",
                        "let NTP set both; timers go by the master's clock, leases and timeouts by no clock's time of"
                                + " day");
    }

    private static String mib(long bytes) {
        return "%.1f MiB".formatted(bytes / 1048576.0);
    }
}
