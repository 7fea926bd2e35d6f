package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeRequest.SortOrder;
import io.etcd.jetcd.api.RangeRequest.SortTarget;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Answers reads and comparisons. */
final class Reading {

    private Reading() {}

    /**
     * Answers a read.
     *
     * @param now the revision that is read if the request names none
     * @return the answer, with nothing but the revision in its header
     */
    static RangeResponse range(KeySpace keys, RangeRequest request, long now) {
        long revision = request.getRevision() <= 0 ? now : request.getRevision();
        if (revision > now) {
            throw EtcdError.futureRevision();
        }
        if (revision < keys.compacted()) {
            throw EtcdError.compacted();
        }
        // One more than is wanted tells whether there are more. Who names what to sort by but no order gets the first
        // keys in the order of keys, and these sorted: an accident of etcd 3.4 that is kept.
        boolean all = isFiltered(request) || request.getSortOrder() != SortOrder.NONE;
        long limit = !all && request.getLimit() > 0 ? request.getLimit() + 1 : 0;
        KeySpace.Found found = keys.range(KeyRange.of(request.getKey(), request.getRangeEnd()), revision, limit);
        RangeResponse.Builder response = RangeResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(now))
                .setCount(found.count());
        if (!request.getCountOnly()) {
            List<KeyValue> wanted =
                    isFiltered(request) || isSorted(request) ? arranged(request, found.keyValues()) : found.keyValues();
            boolean more = request.getLimit() > 0 && wanted.size() > request.getLimit();
            wanted.stream()
                    .limit(more ? request.getLimit() : wanted.size())
                    .map(keyValue -> request.getKeysOnly() ? withoutValue(keyValue) : keyValue)
                    .forEach(response::addKvs);
            response.setMore(more);
        }
        return response.build();
    }

    private static boolean isFiltered(RangeRequest request) {
        return request.getMinModRevision() != 0
                || request.getMaxModRevision() != 0
                || request.getMinCreateRevision() != 0
                || request.getMaxCreateRevision() != 0;
    }

    /** Keys are found in ascending order, so asking for that, or for keys in no order, is asking for nothing. */
    private static boolean isSorted(RangeRequest request) {
        return request.getSortTarget() != SortTarget.KEY || request.getSortOrder() == SortOrder.DESCEND;
    }

    private static List<KeyValue> arranged(RangeRequest request, List<KeyValue> found) {
        Stream<KeyValue> kept = found.stream()
                .filter(keyValue ->
                        within(keyValue.getModRevision(), request.getMinModRevision(), request.getMaxModRevision())
                                && within(
                                        keyValue.getCreateRevision(),
                                        request.getMinCreateRevision(),
                                        request.getMaxCreateRevision()));
        if (isSorted(request)) {
            Comparator<KeyValue> order = order(request.getSortTarget());
            kept = kept.sorted(request.getSortOrder() == SortOrder.DESCEND ? order.reversed() : order);
        }
        return kept.toList();
    }

    private static boolean within(long revision, long min, long max) {
        return (min == 0 || revision >= min) && (max == 0 || revision <= max);
    }

    /** Keys that are equal in what they are sorted by stay in the order of keys; etcd promises none. */
    private static Comparator<KeyValue> order(SortTarget target) {
        return switch (target) {
            case VERSION -> by(KeyValue::getVersion);
            case CREATE -> by(KeyValue::getCreateRevision);
            case MOD -> by(KeyValue::getModRevision);
            case VALUE -> Comparator.comparing(KeyValue::getValue, KeyRange.ORDER);
            case KEY, UNRECOGNIZED -> Comparator.comparing(KeyValue::getKey, KeyRange.ORDER);
        };
    }

    private static Comparator<KeyValue> by(ToLongFunction<KeyValue> number) {
        return Comparator.comparingLong(number);
    }

    private static KeyValue withoutValue(KeyValue keyValue) {
        return keyValue.toBuilder().clearValue().build();
    }

    /** Whether all of these hold now. */
    static boolean hold(KeySpace keys, List<Compare> compares) {
        return compares.stream().allMatch(compare -> holds(keys, compare));
    }

    private static boolean holds(KeySpace keys, Compare compare) {
        KeyRange range = KeyRange.of(compare.getKey(), compare.getRangeEnd());
        List<KeyValue> found = keys.range(range, keys.revision(), 0).keyValues();
        if (found.isEmpty()) {
            // A key that is not there has all numbers 0, but no value, not even an empty one.
            return compare.getTarget() != Compare.CompareTarget.VALUE && holds(compare, KeyValue.getDefaultInstance());
        }
        return found.stream().allMatch(keyValue -> holds(compare, keyValue));
    }

    private static boolean holds(Compare compare, KeyValue keyValue) {
        int difference = difference(compare, keyValue);
        return switch (compare.getResult()) {
            case EQUAL -> difference == 0;
            case NOT_EQUAL -> difference != 0;
            case GREATER -> difference > 0;
            case LESS -> difference < 0;
            case UNRECOGNIZED -> true;
        };
    }

    private static int difference(Compare compare, KeyValue keyValue) {
        return switch (compare.getTarget()) {
            case VALUE -> KeyRange.ORDER.compare(keyValue.getValue(), wantedValue(compare));
            case CREATE -> Long.compare(keyValue.getCreateRevision(), compare.getCreateRevision());
            case MOD -> Long.compare(keyValue.getModRevision(), compare.getModRevision());
            case VERSION -> Long.compare(keyValue.getVersion(), compare.getVersion());
            case UNRECOGNIZED ->
                compare.getTargetValue() == Extensions.TARGET_LEASE
                        ? Long.compare(keyValue.getLease(), Extensions.lease(compare))
                        : 0;
        };
    }

    private static ByteString wantedValue(Compare compare) {
        return compare.getValue();
    }
}
