package dev.coterie.cluster.store;

import java.util.ArrayList;
import java.util.List;

/**
 * A decision the store takes in one step: if all conditions hold, do one thing, otherwise another.
 *
 * @param conditions all must hold; none means that they do
 * @param then what is done if they hold
 * @param otherwise what is done if one does not
 */
public record Transaction(List<Condition> conditions, List<Operation> then, List<Operation> otherwise) {

    /** The most operations in either branch, and the most conditions: etcd's default {@code --max-txn-ops}. */
    public static final int MAX_OPERATIONS = 128;

    /** Copies the lists and refuses what is too large for the store. */
    public Transaction {
        conditions = List.copyOf(conditions);
        then = List.copyOf(then);
        otherwise = List.copyOf(otherwise);
        int most = Math.max(conditions.size(), Math.max(then.size(), otherwise.size()));
        if (most > MAX_OPERATIONS) {
            throw new IllegalArgumentException(
                    "transaction: " + most + " operations or conditions, at most " + MAX_OPERATIONS + " fit");
        }
    }

    /** A transaction under these conditions that does nothing yet. */
    public static Transaction when(Condition... conditions) {
        return new Transaction(List.of(conditions), List.of(), List.of());
    }

    /** A transaction under these conditions that does nothing yet. */
    public static Transaction when(List<Condition> conditions) {
        return new Transaction(conditions, List.of(), List.of());
    }

    /** The same under one more condition. */
    public Transaction and(Condition condition) {
        List<Condition> more = new ArrayList<>(conditions);
        more.add(condition);
        return new Transaction(more, then, otherwise);
    }

    /** The same, doing this if the conditions hold. */
    public Transaction then(Operation... operations) {
        return new Transaction(conditions, List.of(operations), otherwise);
    }

    /** The same, doing this if the conditions hold. */
    public Transaction then(List<Operation> operations) {
        return new Transaction(conditions, operations, otherwise);
    }

    /** The same, doing this if a condition does not hold. */
    public Transaction otherwise(Operation... operations) {
        return new Transaction(conditions, then, List.of(operations));
    }

    /**
     * What the store answered.
     *
     * @param succeeded whether the conditions held
     * @param revision the store's revision after it
     * @param reads for each operation of the branch taken: what it read, empty for writes
     */
    public record Result(boolean succeeded, long revision, List<List<Entry>> reads) {}
}
