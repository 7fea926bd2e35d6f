package dev.coterie.cluster.membership;

import dev.coterie.cluster.discovery.Member;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A member as JSON, as it stands at {@code services/<ip>} and in the greeting of a link. */
public final class MemberRecord {

    /** The largest record, in bytes; what an application advertises has to fit with the rest. */
    public static final int MAX_BYTES = 96 << 10;

    private static final JsonMapper JSON = JsonMapper.builder()
            // A later version may say more of itself than this one knows.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private MemberRecord() {}

    /**
     * Writes a member as UTF-8.
     *
     * @throws IllegalArgumentException if what it advertises cannot become JSON or is too large
     */
    public static byte[] write(Member member) {
        byte[] json;
        try {
            json = JSON.writeValueAsBytes(member);
        } catch (JacksonException notJson) {
            throw new IllegalArgumentException(
                    "info: cannot become JSON; advertise only text, numbers, booleans, lists and maps of them",
                    notJson);
        }
        if (json.length > MAX_BYTES) {
            throw new IllegalArgumentException("info: the member record would have " + json.length + " bytes, at most "
                    + MAX_BYTES + " fit; advertise less");
        }
        return json;
    }

    /** Reads a member; empty if this is no member record, such as what another program wrote there. */
    public static Optional<Member> read(byte[] json) {
        try {
            Member member = JSON.readValue(json, Member.class);
            return member == null || member.id() == null || member.address() == null
                    ? Optional.empty()
                    : Optional.of(member);
        } catch (JacksonException notMember) {
            return Optional.empty();
        }
    }
}
