package dev.coterie.cluster.store;

import java.util.List;

/**
 * What a member of etcd says of itself.
 *
 * @param version such as {@code 3.4.23}
 * @param leader whether it knows a leader, without which it decides nothing
 * @param learner whether it only learns yet, and serves nobody
 * @param space what it takes on disk
 * @param alarms what it complains of, in its own words; none if all is well
 */
public record EtcdStatus(
        String version, boolean leader, boolean learner, KeyValueStore.Space space, List<String> alarms) {

    /** Copies the list. */
    public EtcdStatus {
        alarms = List.copyOf(alarms);
    }
}
