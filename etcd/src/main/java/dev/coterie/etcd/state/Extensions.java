package dev.coterie.etcd.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchResponse;
import java.util.List;

/**
 * The parts of etcd's messages that the definitions of jetcd leave out. They arrive as fields that are unknown to the
 * generated classes, and leave in the same way; the numbers are those of etcd's own definitions.
 */
final class Extensions {

    /** The compare target LEASE, and the field that has the lease. */
    static final int TARGET_LEASE = 4;

    private static final int COMPARE_LEASE = 8;
    private static final int CREATE_WATCH_ID = 7;
    private static final int CREATE_FRAGMENT = 8;
    private static final int RESPONSE_FRAGMENT = 7;
    private static final int LEASES = 2;

    private Extensions() {}

    static long lease(Compare compare) {
        return number(compare, COMPARE_LEASE);
    }

    /** The id that the client wants its watch to have; 0 for any. */
    static long watchId(WatchCreateRequest request) {
        return number(request, CREATE_WATCH_ID);
    }

    /** Whether the client can put together an answer that comes in pieces. */
    static boolean fragment(WatchCreateRequest request) {
        return number(request, CREATE_FRAGMENT) != 0;
    }

    /** The response marked as a piece that others follow. */
    static WatchResponse moreFollows(WatchResponse response) {
        return response.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                RESPONSE_FRAGMENT,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build();
    }

    /** A LeaseLeasesResponse, for which there is no class: a header as here, and a list of ids. */
    static LeaseRevokeResponse leases(ResponseHeader header, List<Long> ids) {
        UnknownFieldSet.Field.Builder list = UnknownFieldSet.Field.newBuilder();
        for (long id : ids) {
            ByteString status =
                    LeaseRevokeRequest.newBuilder().setID(id).build().toByteString();
            list.addLengthDelimited(status);
        }
        return LeaseRevokeResponse.newBuilder()
                .setHeader(header)
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(LEASES, list.build())
                        .build())
                .build();
    }

    private static long number(Message message, int field) {
        List<Long> values = message.getUnknownFields().getField(field).getVarintList();
        return values.isEmpty() ? 0 : values.get(values.size() - 1);
    }
}
