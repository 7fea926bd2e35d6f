package dev.coterie.node.console;

import dev.coterie.cluster.Cluster;
import dev.coterie.cluster.ClusterConfig;
import dev.coterie.cluster.Observer;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Why something is as it is: of members, masters and services every node is asked, of tasks and timers the master. */
final class ExplainApi implements AutoCloseable {

    private final Cluster cluster;
    private final Observer observer;

    /**
     * What one node says.
     *
     * @param problem why it says nothing; empty if it says something
     */
    record Said(String member, String name, List<String> lines, Map<String, Object> facts, String problem) {}

    /** All that is said about something. */
    record Why(String subject, String name, List<Said> answers) {}

    ExplainApi(Cluster cluster, ClusterConfig config) {
        this.cluster = cluster;
        this.observer = new Observer(config);
    }

    void addTo(WebServer server) {
        server.get("/api/explain/", request -> {
            int slash = request.rest().indexOf('/');
            String subject = slash < 0 ? request.rest() : request.rest().substring(0, slash);
            String name = slash < 0 ? "" : request.rest().substring(slash + 1);
            return Answer.json(new Why(subject, name, explain(subject, name)));
        });
    }

    private List<Said> explain(String subject, String name) {
        try {
            return switch (subject) {
                case "task" -> List.of(ofMaster(Await.answer(cluster.tasks().explain(name))));
                case "timer" -> List.of(ofMaster(Await.answer(cluster.timers().explain(name))));
                case "master", "member", "service" -> ofAll(subject, name);
                default ->
                    throw Refused.malformed("subject: '" + subject
                            + "' will not do; ask about a master, member, service, task or timer");
            };
        } catch (IllegalArgumentException malformed) {
            throw Refused.malformed(String.valueOf(malformed.getMessage()));
        } catch (StoreException unreachable) {
            throw new Refused(503, unreachable.getMessage());
        }
    }

    private Said ofMaster(List<String> lines) {
        Member master = cluster.masters().stream().findFirst().orElseGet(cluster::self);
        return new Said(master.id(), master.name(), lines, Map.of(), "");
    }

    private List<Said> ofAll(String subject, String name) {
        List<Said> all = new ArrayList<>();
        observer.explain(subject, name).forEach((member, answer) -> {
            Explanation explanation = answer.explanation().orElse(Explanation.NONE);
            if (!explanation.lines().isEmpty() || !answer.problem().isEmpty()) {
                all.add(new Said(
                        member.id(), member.name(), explanation.lines(), explanation.facts(), answer.problem()));
            }
        });
        return all;
    }

    @Override
    public void close() {
        observer.close();
    }
}
