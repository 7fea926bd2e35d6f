package dev.coterie.node;

import dev.coterie.cluster.discovery.DiscoveryEvent;
import dev.coterie.cluster.discovery.Mastership;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.service.Instance;
import dev.coterie.cluster.service.ServiceEvent;
import dev.coterie.node.output.Event;
import dev.coterie.node.pipeline.Counts;
import dev.coterie.node.pipeline.PipelineEvent;
import dev.coterie.node.pipeline.Result;
import dev.coterie.node.pipeline.Task;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;

/** What the output calls what happens, and what it says of it. */
final class Words {

    private static final Map<Class<?>, Word> ALL = new HashMap<>();

    static {
        word(
                DiscoveryEvent.Init.class,
                "init",
                init -> of(init.self())
                        .and("revision", init.view().revision())
                        .and("members", list(init.view().members())));
        word(
                DiscoveryEvent.Change.class,
                "change",
                change -> Fields.NONE
                        .and("revision", change.view().revision())
                        .and("members", change.view().members().size())
                        .and("added", ids(change.added()))
                        .and("removed", ids(change.removed()))
                        .and("updated", ids(change.updated())));
        word(DiscoveryEvent.MemberAdded.class, "added", added -> of(added.member()));
        word(DiscoveryEvent.MemberRemoved.class, "removed", removed -> of(removed.member()));
        word(
                DiscoveryEvent.MemberUpdated.class,
                "updated",
                updated -> of(updated.member()).and("info", updated.member().info()));
        word(
                DiscoveryEvent.Promoted.class,
                "promotion",
                promoted -> of(promoted.member()).and(of(promoted.mastership())));
        word(
                DiscoveryEvent.Demoted.class,
                "demotion",
                demoted -> of(demoted.member()).and(of(demoted.mastership())).and("reason", demoted.reason()));
        word(
                DiscoveryEvent.MasterChanged.class,
                "master",
                changed -> of(changed.member()).and("slot", changed.slot()).and("term", changed.term()));
        word(DiscoveryEvent.SessionLost.class, "lost", lost -> of(lost.member()).and("reason", lost.reason()));
        word(DiscoveryEvent.Rejoined.class, "rejoined", rejoined -> of(rejoined.member()));

        word(ServiceEvent.ServiceAdded.class, "service", added -> of(added.instance()));
        word(ServiceEvent.ServiceUpdated.class, "service-updated", updated -> of(updated.instance()));
        word(
                ServiceEvent.ServiceRemoved.class,
                "service-removed",
                removed -> of(removed.instance()).and("reason", removed.reason()));
        word(
                ServiceEvent.SetupFailed.class,
                "setup-failed",
                failed -> of(failed.instance())
                        .and("hook", failed.hook())
                        .and("attempt", failed.attempt())
                        .and("message", failed.message()));
        word(
                ServiceEvent.Ready.class,
                "ready",
                ready -> Fields.NONE.and(
                        "services", List.copyOf(new TreeSet<>(ready.services().keySet()))));
        word(ServiceEvent.NotReady.class, "notready", notReady -> Fields.NONE.and("unmet", notReady.unmet()));

        word(PipelineEvent.Sent.class, "task", sent -> of(sent.task()));
        word(
                PipelineEvent.Resent.class,
                "resent",
                resent -> of(resent.task()).and("attempt", resent.attempt()).and("reason", resent.reason()));
        word(PipelineEvent.Skipped.class, "skip", skipped -> Fields.NONE.and("reason", skipped.reason()));
        word(
                PipelineEvent.Adopted.class,
                "adopted",
                adopted -> Fields.NONE.and(
                        "tasks",
                        adopted.tasks().stream().map(task -> of(task).map()).toList()));
        word(
                PipelineEvent.Accepted.class,
                "result",
                accepted -> of(accepted.task())
                        .and(of(accepted.result()))
                        .and("right", accepted.right())
                        .and("executor", accepted.executor()));
        word(
                PipelineEvent.Repeated.class,
                "duplicate",
                repeated ->
                        of(repeated.result()).and("executor", repeated.from().id()));
        word(
                PipelineEvent.Strayed.class,
                "stray",
                strayed -> of(strayed.result()).and("executor", strayed.from().id()));
        word(
                PipelineEvent.Started.class,
                "work",
                started -> of(started.task()).and("ms", started.work().toMillis()));
        word(
                PipelineEvent.Answered.class,
                "answer",
                answered -> of(answered.task()).and(of(answered.result())));
        word(PipelineEvent.Declined.class, "declined", declined -> of(declined.task()));
    }

    private Words() {}

    /** The name of what happened. */
    static String name(Object event) {
        return name(event.getClass());
    }

    /** The name of events of a type. */
    static String name(Class<?> type) {
        return word(type).name;
    }

    /** What there is to say of it. */
    static Map<String, Object> fields(Object event) {
        return word(event.getClass()).fields.apply(event).map();
    }

    static Fields of(Member member) {
        return Fields.NONE
                .and("id", member.id())
                .and("name", member.name())
                .and("address", member.address())
                .and("port", member.port());
    }

    static Fields of(Counts counts) {
        return Fields.NONE
                .and("sent", counts.sent())
                .and("resent", counts.resent())
                .and("results", counts.results())
                .and("wrong", counts.wrong())
                .and("duplicates", counts.duplicates())
                .and("strays", counts.strays())
                .and("unanswered", counts.unanswered())
                .and("inWork", counts.inWork())
                .and("answered", counts.answered());
    }

    static List<Map<String, Object>> list(List<Member> members) {
        return members.stream().map(member -> of(member).map()).toList();
    }

    static List<String> ids(List<Member> members) {
        return members.stream().map(Member::id).toList();
    }

    private static Fields of(Mastership mastership) {
        return Fields.NONE.and("slot", mastership.slot()).and("term", mastership.term());
    }

    private static Fields of(Instance instance) {
        return Fields.NONE
                .and("service", instance.service().name())
                .and("info", instance.service().info())
                .and(of(instance.member()));
    }

    private static Fields of(Task task) {
        return Fields.NONE
                .and("uuid", task.uuid())
                .and("executor", task.executor())
                .and("number", task.number());
    }

    private static Fields of(Result result) {
        return Fields.NONE
                .and("uuid", result.uuid())
                .and("result", result.result())
                .and("start", Event.shown(result.start()))
                .and("finish", Event.shown(result.finish()));
    }

    private static <E> void word(Class<E> type, String name, Function<E, Fields> fields) {
        ALL.put(type, new Word(name, event -> fields.apply(type.cast(event))));
    }

    private static Word word(Class<?> type) {
        return Objects.requireNonNull(ALL.get(type), () -> "no word for " + type);
    }

    private record Word(String name, Function<Object, Fields> fields) {}
}
