package dev.coterie.cluster.discovery;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A node as the others see it.
 *
 * @param id {@code <name>-<uuid>}, new with every session
 * @param name the part of the id a person remembers, kept across sessions
 * @param host the machine's name, for display
 * @param address the IP address on which the node takes links
 * @param port the TCP port on which it takes links, 1..65535
 * @param weight the heaviest eligible candidate becomes master; ties go to the older session
 * @param eligible whether it may become master
 * @param info what the application advertises; JSON values only
 * @param startedAt when the process joined first, by its own wall clock
 * @param version of the library it runs
 */
public record Member(
        String id,
        String name,
        String host,
        String address,
        int port,
        double weight,
        boolean eligible,
        Map<String, Object> info,
        Instant startedAt,
        String version) {

    /** Copies {@code info}, keeping its order. */
    public Member {
        info = Collections.unmodifiableMap(new LinkedHashMap<>(info));
    }

    /** The same node in another session. */
    public Member withId(String newId) {
        return new Member(newId, name, host, address, port, weight, eligible, info, startedAt, version);
    }

    /** The same node, eligible or not. */
    public Member withEligible(boolean nowEligible) {
        return new Member(id, name, host, address, port, weight, nowEligible, info, startedAt, version);
    }

    /** The same node, advertising something else. */
    public Member withInfo(Map<String, Object> newInfo) {
        return new Member(id, name, host, address, port, weight, eligible, newInfo, startedAt, version);
    }
}
