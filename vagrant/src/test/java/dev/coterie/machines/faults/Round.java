package dev.coterie.machines.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coterie.machines.faults.Happening.Kind;
import dev.coterie.machines.faults.History.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/** Traffic, one fault in the midst of it, recovery, an end of the traffic, and a look at the history of it all. */
final class Round {

    /** How soon after the end of a fault all must be well again. */
    static final Duration RECOVERY = Duration.ofSeconds(60);

    /** How soon all must be well before it: processes may only just have been started, on a machine that is busy. */
    private static final Duration START = Duration.ofMinutes(2);

    /** How soon everything that was begun must have an end. */
    private static final Duration QUIET = Duration.ofSeconds(60);

    private static final Duration POLL = Duration.ofMillis(100);

    /** What was lost may be missed a little later. */
    private static final long AFTERMATH = TimeUnit.SECONDS.toNanos(1);

    private static final int IDS_AT_A_TIME = 100;

    private final Stage stage;
    private final Map<String, Long> lastTerms;

    /**
     * What came of one.
     *
     * @param recovery how long it took after the end of the fault
     * @param last what was not well until then
     * @param tasks how many were accepted
     * @param runs how many runs of tasks there were
     * @param timers how many were set
     * @param messages how many were heard
     * @param terms the last terms
     */
    record Outcome(
            String fault,
            Duration recovery,
            List<String> last,
            int tasks,
            long runs,
            int timers,
            long messages,
            Map<String, Long> terms) {

        @Override
        public String toString() {
            return "%s: recovered in %d ms, %s; %d tasks in %d runs, %d timers, %d messages heard"
                    .formatted(
                            fault,
                            recovery.toMillis(),
                            last.isEmpty() ? "at once" : "at last " + last,
                            tasks,
                            runs,
                            timers,
                            messages);
        }
    }

    Round(Stage stage, Map<String, Long> lastTerms) {
        this.stage = stage;
        this.lastTerms = lastTerms;
    }

    /** Does it all; fails with what is wrong. */
    Outcome run(Fault fault) {
        stage.begin();
        stage.tellAll("go");
        awaitWell(fault, "before", START, System.nanoTime());
        long from = System.nanoTime();
        Runnable end = fault.begin().apply(stage);
        stage.hold();
        end.run();
        long ended = System.nanoTime();
        stage.tellAll("go");
        List<String> last = awaitWell(fault, "after", RECOVERY, ended);
        long recovered = System.nanoTime();
        stage.tellAll("pause");
        awaitQuiet(fault);
        askForAll(fault);
        History history = new History(
                stage.happenings(), List.of(new Trouble(fault.name(), from, recovered + AFTERMATH)), lastTerms);
        assertThat(history.violations())
                .as("what must not be, after %s", fault.name())
                .isEmpty();
        etcdAgrees(fault);
        return new Outcome(
                fault.name(),
                Duration.ofNanos(recovered - ended),
                last,
                history.ids(Kind.ACCEPTED).size(),
                history.of(Kind.RAN).count(),
                history.ids(Kind.WAS_SET).size(),
                history.of(Kind.HEARD).count(),
                history.termsSoFar());
    }

    // --- Recovery ---------------------------------------------------------------------------------------------------

    private List<String> awaitWell(Fault fault, String when, Duration patience, long since) {
        return awaitNothing(fault, "not well " + when + " it", patience, () -> {
            stage.tellAll("look");
            return ailments(since);
        });
    }

    /** What is not well yet: everybody alive, of one mind, and able to do everything, begun since then. */
    private List<String> ailments(long since) {
        List<String> ailments = new ArrayList<>();
        Set<String> views = new HashSet<>();
        List<Happening> seen = stage.since(since, Kind.SEES);
        Set<String> submitted = ids(since, Kind.SUBMIT);
        Set<String> set = ids(since, Kind.SET);
        List<Happening> heard = stage.since(since, Kind.HEARD);
        List<Happening> services = stage.since(since, Kind.USABLE, Kind.CHANGED, Kind.UNUSABLE);
        for (Node node : stage.nodes()) {
            if (!node.isAlive()) {
                ailments.add(node.name() + " has died");
            }
            List<Happening> views0 = of(node, seen);
            views.add(views0.isEmpty() ? node.name() + ": ?" : shown(views0.get(views0.size() - 1)));
            if (of(node, stage.since(since, Kind.RESULT)).stream().noneMatch(one -> submitted.contains(one.id()))) {
                ailments.add(node.name() + " has no result");
            }
            if (of(node, stage.since(since, Kind.WAS_SET)).stream().noneMatch(one -> set.contains(one.id()))) {
                ailments.add(node.name() + " has set no timer");
            }
            if (of(node, heard).stream().map(Happening::id).distinct().count()
                    < stage.nodes().size() - 1) {
                ailments.add(node.name() + " does not hear the others");
            }
            if (of(node, stage.since(since, Kind.OFFER)).isEmpty()) {
                ailments.add(node.name() + " has offered nothing");
            }
            if (of(node, services).stream()
                            .map(one -> ServiceCheck.offerer(one.text()))
                            .distinct()
                            .count()
                    < stage.nodes().size() - 1) {
                ailments.add(node.name() + " is not told of the others' services");
            }
        }
        if (views.size() != 1
                || !views.iterator().next().startsWith(stage.nodes().size() + " ")) {
            ailments.add("not of one mind: " + views);
        }
        return ailments;
    }

    private static String shown(Happening view) {
        return EventCheck.split(view.id()).size() + " members " + view.id() + ", master " + view.text();
    }

    private Set<String> ids(long since, Kind kind) {
        return stage.since(since, kind).stream().map(Happening::id).collect(Collectors.toSet());
    }

    private static List<Happening> of(Node node, List<Happening> happenings) {
        return happenings.stream()
                .filter(one -> one.process().equals(node.name()))
                .toList();
    }

    // --- The end ----------------------------------------------------------------------------------------------------

    /** All that living processes have begun has an outcome, and all timers that are left have fired. */
    private void awaitQuiet(Fault fault) {
        awaitNothing(fault, "no end of what was begun", QUIET, this::openEnds);
    }

    private List<String> openEnds() {
        List<Happening> all = stage.happenings();
        History history = new History(all, List.of(), Map.of());
        List<String> open = new ArrayList<>();
        left(history, Kind.SUBMIT, Kind.RESULT, Kind.FAILED).forEach(id -> open.add("task " + id));
        left(history, Kind.SET, Kind.WAS_SET, Kind.NOT_SET).forEach(id -> open.add("setting of timer " + id));
        left(history, Kind.CLEAR, Kind.CLEARED, Kind.NOT_CLEARED).forEach(id -> open.add("clearing of timer " + id));
        Set<String> timers = history.ids(Kind.WAS_SET);
        timers.removeAll(history.ids(Kind.FIRED));
        timers.removeAll(history.ids(Kind.CLEAR));
        timers.forEach(id -> open.add("timer " + id));
        left(history, Kind.OFFER, Kind.OFFERED, Kind.NOT_OFFERED).forEach(id -> open.add("offer " + id));
        stage.tellAll("look");
        stage.nodes().forEach(node -> {
            String due = offers(history, node);
            List<Happening> uses = of(node, history.of(Kind.USES).toList());
            if (!uses.get(uses.size() - 1).id().equals(due)) {
                open.add(node.name() + " is to use the services " + due + ", and does " + uses.get(uses.size() - 1));
            }
        });
        return open;
    }

    /** What the others have said of their services last, if they are ready. */
    private String offers(History history, Node node) {
        Map<String, Happening> last = new HashMap<>();
        history.of(Kind.OFFER).forEach(offer -> last.put(offer.process(), offer));
        return stage.nodes().stream()
                .filter(other -> other != node)
                .map(other -> last.get(other.name()))
                .filter(offer -> offer.text().equals(ServiceCheck.READY))
                .map(Happening::id)
                .sorted()
                .collect(Collectors.joining(","));
    }

    /** What living processes have begun that has come to no end. */
    private Set<String> left(History history, Kind begun, Kind... ends) {
        Set<String> alive = stage.nodes().stream().map(Node::name).collect(Collectors.toSet());
        Set<String> left = history.of(begun)
                .filter(one -> alive.contains(one.process()))
                .map(Happening::id)
                .collect(Collectors.toSet());
        history.of(ends).forEach(end -> left.remove(end.id()));
        return left;
    }

    /** Another than the one who submitted it asks for each result. */
    private void askForAll(Fault fault) {
        History history = new History(stage.happenings(), List.of(), Map.of());
        List<String> ids = history.ids(Kind.ACCEPTED).stream().sorted().toList();
        for (Node node : stage.nodes()) {
            List<String> toAsk = ids.stream().filter(id -> isAsked(node, id)).toList();
            for (int i = 0; i < toAsk.size(); i += IDS_AT_A_TIME) {
                List<String> words = new ArrayList<>(List.of("ask"));
                words.addAll(toAsk.subList(i, Math.min(toAsk.size(), i + IDS_AT_A_TIME)));
                node.command(words.toArray(String[]::new));
            }
        }
        awaitNothing(fault, "no answer for some of what was accepted", QUIET, () -> {
            Set<String> unanswered = new HashSet<>(ids);
            stage.since(0, Kind.ANSWERED).forEach(answer -> unanswered.remove(answer.id()));
            return List.copyOf(unanswered);
        });
    }

    private boolean isAsked(Node node, String id) {
        List<Node> others = stage.nodes().stream()
                .filter(other -> !id.startsWith(other.host() + "."))
                .toList();
        return others.get(Math.floorMod(id.hashCode(), others.size())) == node;
    }

    private void etcdAgrees(Fault fault) {
        long revision = stage.revision();
        await().atMost(QUIET).pollInterval(POLL).until(() -> stage.witness().revision() >= revision);
        assertThat(stage.witness().violations())
                .as("what must not be in etcd, after %s", fault.name())
                .isEmpty();
    }

    /** Something that must become empty. */
    private interface Remainder {
        List<String> get();
    }

    /** What was there when it was looked at for the last time but one. */
    private static List<String> awaitNothing(Fault fault, String complaint, Duration patience, Remainder remainder) {
        List<String> last = new ArrayList<>();
        try {
            await().atMost(patience).pollInterval(POLL).until(() -> {
                List<String> now = remainder.get();
                if (!now.isEmpty()) {
                    last.clear();
                    last.addAll(now);
                }
                return now.isEmpty();
            });
            return last;
        } catch (ConditionTimeoutException late) {
            throw new AssertionError(
                    fault.name() + ": " + complaint + " within " + patience.toSeconds() + " s: " + last.size() + ", "
                            + last.subList(0, Math.min(20, last.size())),
                    late);
        }
    }
}
