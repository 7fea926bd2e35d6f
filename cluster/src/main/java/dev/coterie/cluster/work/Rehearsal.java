package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.meter.Meter;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Lease;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A master that nobody hears, on a store that keeps nothing, is told of some tasks, sends them off and has them done: in
 * a JVM that has never been master, its first moments take a tenth of a second longer than they will afterwards. On the
 * loop.
 */
final class Rehearsal {

    private static final long TERM = 1;
    private static final int TASKS = 64;
    private static final String TYPE = "rehearsal";
    private static final byte[] PAYLOAD = {'0'};

    private final EventLoop loop;
    private final Member self;
    private final Master master;
    private long number;

    /** Prepares it; {@link #run} runs it. */
    Rehearsal(EventLoop loop, WorkSettings settings, Member self) {
        this.loop = loop;
        this.self = self;
        WorkSettings unseen =
                settings.withJournal(settings.journal().withMeter(Meter.NONE).withCompact(false));
        TaskJournal journal = new TaskJournal(new Forgetful(), loop, "", unseen);
        this.master = new Master(loop, journal, TERM, List.of(), unseen, (to, bytes) -> true, new Silence());
    }

    /**
     * Each step is queued behind what the one before has queued: the store answers at once.
     *
     * @param then is called at the end
     */
    void run(Runnable then) {
        master.start(Set.of(self.id()), new Early());
        loop.execute(() -> {
            submit();
            loop.execute(() -> {
                finish();
                loop.execute(() -> {
                    master.close();
                    then.run();
                });
            });
        });
    }

    private void submit() {
        WireWriter message = message();
        message.verb(Verbs.HELLO).number(TASKS).number(1).name(TYPE).verb(Verbs.READY);
        for (int i = 0; i < TASKS; i++) {
            new Submission("" + i, TYPE, 0, 0, Rules.DEFAULT, "", 0, 0, PAYLOAD).write(message);
        }
        master.received(self, message.take());
    }

    private void finish() {
        WireWriter message = message();
        for (int i = 0; i < TASKS; i++) {
            message.verb(Verbs.DONE).name("" + i).number(1).bytes(PAYLOAD);
        }
        master.received(self, message.take());
    }

    private WireWriter message() {
        return new WireWriter().number(TERM).number(1).number(++number).number(0);
    }

    /** Nobody hears it. */
    private static final class Silence implements Master.Listener {

        @Override
        public boolean hears(String channel) {
            return true;
        }

        @Override
        public void told(String channel, TaskInfo task) {}

        @Override
        public void lost() {}
    }

    /** Is empty, and says of everything that it was done. */
    private static final class Forgetful implements KeyValueStore {

        @Override
        public CompletableFuture<Page> range(Range range) {
            return CompletableFuture.completedFuture(new Page(1, List.of(), false));
        }

        @Override
        public CompletableFuture<Transaction.Result> commit(Transaction transaction) {
            List<List<Entry>> reads = Collections.nCopies(transaction.then().size(), List.of());
            return CompletableFuture.completedFuture(new Transaction.Result(true, 1, reads));
        }

        @Override
        public CompletableFuture<Lease> grant(long id, Duration ttl) {
            return never();
        }

        @Override
        public CompletableFuture<Lease> refresh(long lease) {
            return never();
        }

        @Override
        public CompletableFuture<TimeLeft> timeLeft(long lease) {
            return never();
        }

        @Override
        public CompletableFuture<Void> revoke(long lease) {
            return never();
        }

        @Override
        public Watch watch(String prefix, long revision, WatchListener listener) {
            return () -> {};
        }

        @Override
        public CompletableFuture<Void> compact(long revision) {
            return never();
        }

        @Override
        public CompletableFuture<Space> space() {
            return CompletableFuture.completedFuture(new Space(0, 0));
        }

        @Override
        public void close() {}

        /** No master asks for that. */
        private static <T> CompletableFuture<T> never() {
            return CompletableFuture.failedFuture(new StoreException(StoreException.Kind.REFUSED, "a rehearsal"));
        }
    }
}
