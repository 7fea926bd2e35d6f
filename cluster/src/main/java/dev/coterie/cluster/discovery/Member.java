package dev.coterie.cluster.discovery;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
 * @param services what the node offers; none in the record of a node that knows no services
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
        List<Service> services,
        Instant startedAt,
        String version) {

    /** Copies {@code info} and {@code services}, keeping their order. */
    public Member {
        info = Collections.unmodifiableMap(new LinkedHashMap<>(info));
        services = List.copyOf(Objects.requireNonNullElse(services, List.of()));
    }

    /** The same node in another session. */
    public Member withId(String newId) {
        return new Member(newId, name, host, address, port, weight, eligible, info, services, startedAt, version);
    }

    /** The same node at another port. */
    public Member withPort(int newPort) {
        return new Member(id, name, host, address, newPort, weight, eligible, info, services, startedAt, version);
    }

    /** The same node, eligible or not. */
    public Member withEligible(boolean nowEligible) {
        return new Member(id, name, host, address, port, weight, nowEligible, info, services, startedAt, version);
    }

    /** The same node, advertising something else. */
    public Member withInfo(Map<String, Object> newInfo) {
        return new Member(id, name, host, address, port, weight, eligible, newInfo, services, startedAt, version);
    }

    /** The same node, offering other services. */
    public Member withServices(List<Service> newServices) {
        return new Member(id, name, host, address, port, weight, eligible, info, newServices, startedAt, version);
    }
}
