package dev.coterie.bench.systems;

import static dev.coterie.bench.systems.JetcdPeer.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.coterie.bench.peer.Tasks;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A task is a key. A worker claims it by a transaction that puts a key on its lease; it is done by one that puts the result
 * and deletes both. Each worker follows all tasks and picks any open one, so that two seldom want the same. What is left out:
 * offering a task again when the worker that claimed it dies.
 */
final class JetcdTasks implements Tasks {

    private static final int CONCURRENCY = 32;
    private static final int DELETING = 100;
    private static final int ID_DIGITS = 16;

    private final KV kv;
    private final Client client;
    private final String prefix;
    private final ByteSequence me;
    private final PutOption onLease;
    private final Map<Long, byte[]> open = new HashMap<>();
    private final List<Long> offered = new ArrayList<>();

    JetcdTasks(Client client, String queue, String id, long lease) {
        this.client = client;
        this.kv = client.getKVClient();
        this.prefix = "/queue/" + queue;
        this.me = bytes(id);
        this.onLease = PutOption.builder().withLeaseId(lease).build();
    }

    private ByteSequence key(String kind, long id) {
        return bytes(prefix + "/" + kind + "/" + String.format(Locale.ROOT, "%0" + ID_DIGITS + "x", id));
    }

    private static long id(KeyValue task) {
        String key = task.getKey().toString(UTF_8);
        return Long.parseLong(key.substring(key.length() - ID_DIGITS), 16);
    }

    @Override
    public CompletableFuture<?> submit(byte[] task) {
        return kv.put(key("task", ByteBuffer.wrap(task).getLong()), ByteSequence.from(task));
    }

    private void follow(String kind, Consumer<KeyValue> put, Consumer<KeyValue> delete)
            throws InterruptedException, ExecutionException {
        ByteSequence keys = bytes(prefix + "/" + kind + "/");
        GetResponse now =
                kv.get(keys, GetOption.builder().isPrefix(true).build()).get();
        now.getKvs().forEach(put);
        WatchOption option = WatchOption.builder()
                .isPrefix(true)
                .withRevision(now.getHeader().getRevision() + 1)
                .build();
        client.getWatchClient()
                .watch(
                        keys,
                        option,
                        response -> response.getEvents()
                                .forEach(event -> (event.getEventType() == WatchEvent.EventType.PUT ? put : delete)
                                        .accept(event.getKeyValue())));
    }

    @Override
    public void onResult(Consumer<byte[]> listener) throws Exception {
        Semaphore deleting = new Semaphore(DELETING);
        follow(
                "result",
                result -> {
                    listener.accept(result.getValue().getBytes());
                    deleting.acquireUninterruptibly();
                    var unused = kv.delete(result.getKey()).whenComplete((deleted, failure) -> deleting.release());
                },
                deleted -> {});
    }

    @Override
    public void work(UnaryOperator<byte[]> function) throws Exception {
        follow("task", task -> offer(id(task), task.getValue().getBytes()), task -> done(id(task)));
        for (int i = 0; i < CONCURRENCY; i++) {
            Thread thread = new Thread(() -> workOn(function));
            thread.setDaemon(true);
            thread.start();
        }
    }

    private synchronized void offer(long id, byte[] task) {
        open.put(id, task);
        offered.add(id);
        notifyAll();
    }

    private synchronized void done(long id) {
        open.remove(id);
    }

    private synchronized byte[] take() throws InterruptedException {
        while (true) {
            while (offered.isEmpty()) {
                wait();
            }
            int last = offered.size() - 1;
            int any = ThreadLocalRandom.current().nextInt(last + 1);
            long id = offered.set(any, offered.get(last));
            offered.remove(last);
            byte[] task = open.get(id);
            if (task != null) {
                return task;
            }
        }
    }

    private void workOn(UnaryOperator<byte[]> function) {
        try {
            while (true) {
                byte[] task = take();
                try {
                    workOn(function, task);
                } catch (ExecutionException failure) {
                    offer(ByteBuffer.wrap(task).getLong(), task);
                }
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private void workOn(UnaryOperator<byte[]> function, byte[] task) throws InterruptedException, ExecutionException {
        long id = ByteBuffer.wrap(task).getLong();
        ByteSequence claim = key("claim", id);
        ByteSequence key = key("task", id);
        boolean mine = kv.txn()
                .If(
                        new Cmp(claim, Cmp.Op.EQUAL, CmpTarget.createRevision(0)),
                        new Cmp(key, Cmp.Op.GREATER, CmpTarget.createRevision(0)))
                .Then(Op.put(claim, me, onLease))
                .commit()
                .get()
                .isSucceeded();
        if (mine) {
            kv.txn()
                    .If(new Cmp(claim, Cmp.Op.EQUAL, CmpTarget.value(me)))
                    .Then(
                            Op.put(key("result", id), ByteSequence.from(function.apply(task)), PutOption.DEFAULT),
                            Op.delete(key, DeleteOption.DEFAULT),
                            Op.delete(claim, DeleteOption.DEFAULT))
                    .commit()
                    .get();
        }
    }
}
