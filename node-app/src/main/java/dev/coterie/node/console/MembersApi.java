package dev.coterie.node.console;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.cluster.discovery.Discovery;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore.Page;
import dev.coterie.cluster.store.KeyValueStore.TimeLeft;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.work.TaskCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Members, masters and services, now or at any revision that etcd keeps. Any thread. */
final class MembersApi {

    /** Members are shown up to here; there is no cluster of more. */
    private static final int MOST = 5_000;

    private static final Duration LEASES_KEPT = Duration.ofSeconds(2);

    private final Discovery discovery;
    private final Optional<Cluster> cluster;
    private final String prefix;
    private final Supplier<@Nullable TaskCounts> counts;
    private final Clock clock = Clock.system();
    private final Map<Long, Left> leases = new ConcurrentHashMap<>();

    /** What a lease had left when it was asked for. */
    private record Left(@Nullable TimeLeft time, long at) {}

    /**
     * A member.
     *
     * @param key at which it stands; null without etcd
     * @param slot which it has as master; null if it is none
     * @param term its mastership's; 0 if it has none
     * @param registered revision at which its session began
     * @param updated revision at which it last said something of itself
     * @param lease null without etcd, or for the past
     * @param work null if it takes no tasks, or the master has not said
     * @param self whether it is the node that answers
     */
    record MemberRow(
            String id,
            String name,
            String host,
            String address,
            int port,
            @Nullable String key,
            @Nullable Integer slot,
            long term,
            double weight,
            boolean eligible,
            Map<String, Object> info,
            List<Service> services,
            Instant startedAt,
            String version,
            long registered,
            long updated,
            @Nullable LeaseRow lease,
            TaskCounts.@Nullable Share work,
            boolean self) {}

    /**
     * A member's lease.
     *
     * @param left seconds until the member is gone if it says nothing more
     * @param seen seconds since it last said something to etcd
     */
    record LeaseRow(String id, long left, long granted, long seen) {}

    /** A master. */
    record MasterRow(
            int slot,
            String node,
            String name,
            long term,
            @Nullable String since,
            @Nullable String how) {}

    /** A service, and who offers it. */
    record ServiceRow(String name, List<Instance> instances) {}

    /** An instance of a service. */
    record Instance(String member, String name, boolean ready, Map<String, Object> info) {}

    /** An answer as of a revision. */
    record AsOf<T>(long revision, List<T> items) {}

    MembersApi(Discovery discovery, Optional<Cluster> cluster, String prefix, Supplier<@Nullable TaskCounts> counts) {
        this.discovery = discovery;
        this.cluster = cluster;
        this.prefix = prefix;
        this.counts = counts;
    }

    void addTo(WebServer server) {
        server.get("/api/members", request -> Answer.json(members(revision(request))));
        server.get("/api/masters", request -> Answer.json(masters(revision(request))));
        server.get("/api/services", request -> Answer.json(services()));
    }

    private static long revision(Request request) {
        return request.number("revision", 1, Long.MAX_VALUE, 0);
    }

    private AsOf<MemberRow> members(long revision) {
        if (cluster.isEmpty()) {
            return onLan();
        }
        Page page = read(Directory.members(prefix), revision);
        Map<String, MasterRow> masters = masters(page.revision()).items().stream()
                .collect(Collectors.toMap(MasterRow::node, Function.identity(), (one, other) -> one));
        Map<String, TaskCounts.Share> shares = revision == 0 ? shares() : Map.of();
        Map<Long, Left> left = revision == 0 ? leases(page.entries()) : Map.of();
        List<MemberRow> rows = new ArrayList<>();
        page.entries().stream()
                .sorted(Comparator.comparingLong(Entry::createRevision))
                .forEach(entry -> Directory.member(entry)
                        .ifPresent(member -> rows.add(row(
                                member,
                                entry,
                                masters.get(member.id()),
                                lease(entry, left.get(entry.lease())),
                                shares.get(member.id())))));
        return new AsOf<>(page.revision(), rows);
    }

    private MemberRow row(
            Member member,
            Entry entry,
            @Nullable MasterRow master,
            @Nullable LeaseRow lease,
            TaskCounts.@Nullable Share share) {
        return new MemberRow(
                member.id(),
                member.name(),
                member.host(),
                member.address(),
                member.port(),
                entry.key(),
                master == null ? null : master.slot(),
                master == null ? 0 : master.term(),
                member.weight(),
                member.eligible(),
                member.info(),
                member.services(),
                member.startedAt(),
                member.version(),
                entry.createRevision(),
                entry.modRevision(),
                lease,
                share,
                member.id().equals(discovery.self().id()));
    }

    private static @Nullable LeaseRow lease(Entry entry, @Nullable Left left) {
        TimeLeft time = left == null ? null : left.time();
        if (time == null) {
            return null;
        }
        long leftNow = time.left().toSeconds();
        long granted = time.granted().toSeconds();
        return new LeaseRow(Long.toHexString(entry.lease()), leftNow, granted, Math.max(0, granted - leftNow));
    }

    private Map<String, TaskCounts.Share> shares() {
        TaskCounts now = counts.get();
        return now == null
                ? Map.of()
                : now.members().stream()
                        .collect(Collectors.toMap(TaskCounts.Share::id, Function.identity(), (one, other) -> other));
    }

    /** Without etcd there are no leases and no revisions: what this node sees. */
    private AsOf<MemberRow> onLan() {
        View view = discovery.view();
        List<String> masters = discovery.masters().stream().map(Member::id).toList();
        List<MemberRow> rows = view.members().stream()
                .map(member -> new MemberRow(
                        member.id(),
                        member.name(),
                        member.host(),
                        member.address(),
                        member.port(),
                        null,
                        masters.contains(member.id()) ? masters.indexOf(member.id()) : null,
                        0,
                        member.weight(),
                        member.eligible(),
                        member.info(),
                        member.services(),
                        member.startedAt(),
                        member.version(),
                        0,
                        0,
                        null,
                        null,
                        member.id().equals(discovery.self().id())))
                .toList();
        return new AsOf<>(view.revision(), rows);
    }

    private AsOf<MasterRow> masters(long revision) {
        if (cluster.isEmpty()) {
            List<Member> masters = discovery.masters();
            List<MasterRow> rows = new ArrayList<>();
            masters.forEach(master -> rows.add(new MasterRow(rows.size(), master.id(), master.name(), 0, null, null)));
            return new AsOf<>(discovery.view().revision(), rows);
        }
        Page page = read(Directory.masters(prefix), revision);
        return new AsOf<>(
                page.revision(),
                page.entries().stream()
                        .map(this::master)
                        .sorted(Comparator.comparingInt(MasterRow::slot))
                        .toList());
    }

    private MasterRow master(Entry entry) {
        Map<?, ?> read = Directory.master(entry);
        String node = String.valueOf(read.get("node"));
        return new MasterRow(
                Directory.slot(prefix, entry.key()),
                node,
                dev.coterie.node.output.Event.name(node),
                entry.modRevision(),
                text(read.get("since")),
                text(read.get("how")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private List<ServiceRow> services() {
        Map<String, List<Instance>> byName = new java.util.TreeMap<>();
        for (Member member : discovery.view().members()) {
            for (Service service : member.services()) {
                byName.computeIfAbsent(service.name(), name -> new ArrayList<>())
                        .add(new Instance(member.id(), member.name(), service.ready(), service.info()));
            }
        }
        List<ServiceRow> rows = new ArrayList<>();
        byName.forEach((name, instances) -> rows.add(new ServiceRow(name, instances)));
        return rows;
    }

    private Page read(String directory, long revision) {
        return Await.answer(cluster.orElseThrow()
                .store()
                .range(Range.prefix(directory).limit(MOST).at(revision)));
    }

    /** Asked for anew only now and then: there may be hundreds, and many pages. */
    private Map<Long, Left> leases(List<Entry> entries) {
        long now = clock.nanoTime();
        Map<Long, CompletableFuture<TimeLeft>> asked = new LinkedHashMap<>();
        leases.values().removeIf(left -> now - left.at() > LEASES_KEPT.toNanos());
        for (Entry entry : entries) {
            if (entry.lease() != Lease.NONE && !leases.containsKey(entry.lease())) {
                asked.put(entry.lease(), cluster.orElseThrow().store().timeLeft(entry.lease()));
            }
        }
        asked.forEach((lease, answer) ->
                leases.put(lease, new Left(Await.answer(answer.exceptionally(gone -> null)), now)));
        return leases;
    }
}
