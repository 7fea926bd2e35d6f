package dev.coterie.node.console;

import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.KeyValueStore.Page;
import dev.coterie.cluster.store.KeyValueStore.TimeLeft;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The keys below the cluster's prefix: to look at, and to change where that is allowed, and only as they were shown. Any
 * thread.
 */
final class KeysApi {

    private static final int LONGEST_KEY = 4_096;
    private static final int LONGEST_VALUE = 1 << 20;
    private static final int MOST_VERSIONS = 50;

    private final KeyValueStore store;
    private final String prefix;
    private final boolean write;

    /** Some of the keys. */
    record Keys(long revision, List<KeyRow.Brief> keys, boolean more) {}

    /**
     * The versions of a key, the newest first.
     *
     * @param complete whether its first one is among them
     * @param why what ended the list, if it is not complete; else null
     */
    record Versions(
            String key,
            List<KeyRow> versions,
            boolean complete,
            @Nullable String why) {}

    /**
     * A change of a key.
     *
     * @param revision its modification revision as it was shown; 0 for a key that is not there
     * @param value null to delete
     */
    private record Wanted(
            @Nullable String key, long revision, @Nullable String value) {}

    KeysApi(KeyValueStore store, String prefix, boolean write) {
        this.store = store;
        this.prefix = prefix;
        this.write = write;
    }

    void addTo(WebServer server) {
        server.get("/api/keys", request -> Answer.json(list(request)));
        server.get("/api/keys/value", request -> Answer.json(value(request)));
        server.get("/api/keys/history", request -> Answer.json(history(request)));
        server.post("/api/keys/put", request -> Answer.json(put(request.body(Wanted.class))));
        server.post("/api/keys/delete", request -> Answer.json(delete(request.body(Wanted.class))));
    }

    private Keys list(Request request) {
        int limit = (int) request.number("limit", 1, 1_000, 200);
        long revision = request.number("revision", 1, Long.MAX_VALUE, 0);
        Range range = Range.prefix(below(prefix + request.text("prefix")));
        Optional<String> after = request.field("after").filter(key -> !key.isEmpty());
        if (after.isPresent()) {
            range = range.after(below(after.get()));
        }
        Page page = Await.answer(store.range(range.limit(limit).at(revision)));
        return new Keys(
                page.revision(), page.entries().stream().map(KeyRow::brief).toList(), page.more());
    }

    private String below(String key) {
        if (!key.startsWith(prefix) || key.length() > LONGEST_KEY) {
            throw Refused.malformed("key: '" + key + "' will not do; write one that begins with '" + prefix + "', of "
                    + LONGEST_KEY + " characters at most");
        }
        if (!key.isEmpty() && key.charAt(key.length() - 1) >= 0x7f) {
            throw Refused.malformed("prefix: '" + key + "' will not do; end it with an ASCII character");
        }
        return key;
    }

    private String key(@Nullable String key) {
        if (key == null || key.isEmpty() || !key.startsWith(prefix) || key.length() > LONGEST_KEY) {
            throw Refused.malformed("key: '" + key + "' will not do; write one that begins with '" + prefix
                    + "', of 1 to " + LONGEST_KEY + " characters");
        }
        return key;
    }

    private KeyRow value(Request request) {
        String key = key(request.text("key"));
        return read(key, request.number("revision", 1, Long.MAX_VALUE, 0))
                .map(this::row)
                .orElseThrow(() -> new Refused(404, "key: '" + key + "' is not there"));
    }

    private Optional<Entry> read(String key, long revision) {
        return Await.answer(store.range(Range.key(key).at(revision))).entries().stream()
                .findFirst();
    }

    private KeyRow row(Entry entry) {
        if (entry.lease() == Lease.NONE) {
            return KeyRow.of(entry, null, null);
        }
        TimeLeft left = Await.answer(store.timeLeft(entry.lease()).exceptionally(gone -> null));
        return left == null
                ? KeyRow.of(entry, null, null)
                : KeyRow.of(entry, left.left().toSeconds(), left.granted().toSeconds());
    }

    private Versions history(Request request) {
        String key = key(request.text("key"));
        int limit = (int) request.number("limit", 1, MOST_VERSIONS, MOST_VERSIONS);
        List<KeyRow> versions = new ArrayList<>();
        Optional<Entry> entry = read(key, request.number("revision", 1, Long.MAX_VALUE, 0));
        while (entry.isPresent() && versions.size() < limit) {
            Entry now = entry.get();
            versions.add(KeyRow.of(now, null, null));
            if (now.modRevision() == now.createRevision()) {
                return new Versions(key, versions, true, null);
            }
            try {
                entry = store.range(Range.key(key).at(now.modRevision() - 1)).join().entries().stream()
                        .findFirst();
            } catch (CompletionException failed) {
                if (failed.getCause() instanceof StoreException known
                        && known.kind() == StoreException.Kind.COMPACTED) {
                    return new Versions(key, versions, false, "etcd has compacted away what was before");
                }
                throw new Refused(503, String.valueOf(failed.getMessage()));
            }
        }
        return new Versions(key, versions, false, versions.isEmpty() ? "it is not there" : "there are more");
    }

    private Map<String, Object> put(Wanted wanted) {
        String value = wanted.value();
        if (value == null) {
            throw Refused.malformed("value: there is none; send text");
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_VALUE) {
            throw new Refused(413, "value: " + bytes.length + " bytes, at most " + LONGEST_VALUE + " fit; send less");
        }
        return change(wanted, (key, lease) -> new Operation.Put(key, bytes, lease));
    }

    private Map<String, Object> delete(Wanted wanted) {
        return change(wanted, (key, lease) -> Operation.delete(key));
    }

    /** What is done to a key. */
    private interface Deed {
        Operation on(String key, long lease);
    }

    /** As it was shown or not at all; it goes on hanging on its lease. */
    private Map<String, Object> change(Wanted wanted, Deed deed) {
        if (!write) {
            throw new Refused(403, "keys are not to be changed here; start the node with --console-write");
        }
        String key = key(wanted.key());
        long lease = read(key, 0).map(Entry::lease).orElse(Lease.NONE);
        Transaction.Result result = Await.answer(store.commit(
                Transaction.when(new Condition.Modified(key, wanted.revision())).then(deed.on(key, lease))));
        if (!result.succeeded()) {
            throw new Refused(
                    409, "key: '" + key + "' was changed since revision " + wanted.revision() + "; look at it again");
        }
        return Map.of("key", key, "revision", result.revision());
    }
}
