package dev.coterie.cluster.membership;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemberRecordTest {

    private static final Member MEMBER = new Member(
            "a-1",
            "a",
            "host",
            "10.0.0.1",
            22222,
            0,
            true,
            Map.of("role", "first"),
            List.of(Service.of("shop").withReady(false).withInfo(Map.of("port", 8080))),
            Instant.parse("2026-01-01T00:00:00.000000001Z"),
            "1");

    @Test
    void what_is_written_can_be_read() {
        assertThat(MemberRecord.read(MemberRecord.write(MEMBER))).contains(MEMBER);
    }

    @Test
    void the_record_of_a_node_that_knows_no_services_can_be_read() {
        String json = new String(MemberRecord.write(MEMBER.withServices(List.of())), UTF_8);
        String older = json.replace("\"services\":[],", "");
        assertThat(older).isNotEqualTo(json);
        assertThat(MemberRecord.read(older.getBytes(UTF_8))).contains(MEMBER.withServices(List.of()));
    }

    @Test
    void a_service_that_leaves_things_out_does_not_cost_the_member() {
        String json = new String(MemberRecord.write(MEMBER), UTF_8)
                .replaceFirst("\"services\":\\[.*?\\]", "\"services\":[{\"ready\":true}]");
        assertThat(MemberRecord.read(json.getBytes(UTF_8)).orElseThrow().services())
                .containsExactly(new Service("", true, Map.of()));
    }
}
