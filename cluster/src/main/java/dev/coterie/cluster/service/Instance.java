package dev.coterie.cluster.service;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.Service;

/**
 * A service as one node offers it.
 *
 * @param member the node
 * @param service what it says of the service
 */
public record Instance(Member member, Service service) {

    /** Tells instances apart; another one after the node has lost its session. */
    public String id() {
        return id(service.name(), member.id());
    }

    static String id(String service, String node) {
        return service + "@" + node;
    }
}
