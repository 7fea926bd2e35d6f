package dev.coterie.cluster.work;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.journal.Journal;
import dev.coterie.cluster.journal.Segment;
import dev.coterie.cluster.store.Condition;
import dev.coterie.cluster.store.KeyValueStore;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** The ledger's book: what is saved becomes a line in the journal, and what may follow from it waits for that. */
final class TaskJournal implements Journal.Owner, Ledger.Book {

    private static final Logger log = LoggerFactory.getLogger(TaskJournal.class);

    private static final String STREAM = "tasks";

    private final Journal journal;
    private final Ledger ledger;
    private final TaskRecords records = new TaskRecords();
    private final ArrayDeque<Effect> effects = new ArrayDeque<>();
    private @Nullable Listener listener;

    /** What is done when the journal has all that came before it. */
    private record Effect(long position, Runnable action) {}

    /** Is told what becomes of the journal. On the loop. */
    interface Listener {

        /** The ledger has all that the journal had. */
        void opened();

        /** All effects that waited for what is in the store now have been. */
        void effected();

        /** The journal is written by another, or was tampered with. */
        void lost(String reason);
    }

    TaskJournal(KeyValueStore store, EventLoop loop, String prefix, WorkSettings settings) {
        this.journal = new Journal(store, loop, prefix, STREAM, settings.journal(), this);
        this.ledger = new Ledger(settings, loop.random(), this);
    }

    /** What was read, and all that happened since. */
    Ledger ledger() {
        return ledger;
    }

    /** Reads what is there already, while another is master; again, what came since. */
    void readAhead(Runnable done) {
        journal.readAhead(done);
    }

    /**
     * Reads the rest, and begins to write.
     *
     * @param guard holds as long as this node is master
     */
    void open(List<Condition> guard, Listener nowListener) {
        listener = nowListener;
        journal.open(guard);
    }

    void close() {
        journal.close();
    }

    /** Why nothing more should be taken on. */
    Optional<String> objection() {
        return journal.objection();
    }

    /** Whether the store has the latest of a task. */
    boolean has(LedgerTask task) {
        return task.segment != null && task.segment.sequence() <= journal.durable();
    }

    /** Does something when the store has all that was saved so far. */
    void after(Runnable action) {
        long position = journal.position();
        if (effects.isEmpty() && position <= journal.durable()) {
            action.run();
        } else {
            effects.add(new Effect(position, action));
        }
    }

    /** Does something that changes nothing, but that only the master may do: when it is certain that this is still it. */
    void certainly(Runnable action) {
        journal.confirm();
        after(action);
    }

    @Override
    public void durable(long sequence) {
        while (!effects.isEmpty() && effects.peek().position <= sequence) {
            effects.remove().action.run();
        }
        listener().effected();
    }

    @Override
    public void save(LedgerTask task) {
        records.write(task);
        Segment segment = journal.append(records.line(), 0, records.size());
        recorded(task, segment, records.size());
    }

    @Override
    public void forget(LedgerTask task) {
        if (task.segment != null) {
            journal.release(task.segment, task.length);
        }
    }

    private void recorded(LedgerTask task, Segment segment, int length) {
        forget(task);
        task.segment = segment;
        task.length = length;
    }

    @Override
    public void replayed(byte[] bytes, int from, int to, Segment segment) {
        TaskRecords.Found found;
        try {
            found = TaskRecords.read(bytes, from, to);
        } catch (JacksonException notRecord) {
            log.error("A line of {} is no record and is left out: {}", segment, notRecord.getOriginalMessage());
            journal.release(segment, to - from);
            return;
        }
        recorded(ledger.replay(found), segment, to - from);
    }

    @Override
    public void gone(long first) {
        ledger.forgetThoseBefore(first);
    }

    private Listener listener() {
        return Objects.requireNonNull(listener, "a journal that is not open has nothing to tell");
    }

    @Override
    public void opened() {
        listener().opened();
    }

    @Override
    public void keep(byte[] bytes, int from, int to, Segment segment) {
        LedgerTask task = ledger.find(TaskRecords.id(bytes, from, to));
        if (task != null && task.segment == segment && task.length == to - from) {
            save(task);
        }
    }

    @Override
    public void lost(String reason) {
        listener().lost(reason);
    }
}
