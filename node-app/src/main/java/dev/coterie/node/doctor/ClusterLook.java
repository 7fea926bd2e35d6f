package dev.coterie.node.doctor;

import dev.coterie.cluster.Observer;
import dev.coterie.cluster.Observer.Sight;
import dev.coterie.cluster.discovery.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Looks at the cluster itself: whether there is a master, and whether the members can be reached. */
final class ClusterLook {

    private final Observer observer;
    private final List<Finding> findings = new ArrayList<>();

    ClusterLook(Observer observer) {
        this.observer = observer;
    }

    /** All there is to say of it. */
    List<Finding> examine(Sight sight) {
        List<Member> members = sight.members().members();
        if (members.isEmpty()) {
            findings.add(Finding.note("members", "there are none", "start one with 'coterie node', or check --prefix"));
            return findings;
        }
        findings.add(Finding.ok("members", names(members)));
        masters(sight);
        versions(members);
        reach();
        return findings;
    }

    private void masters(Sight sight) {
        boolean taken = sight.masters().stream().anyMatch(held -> held.slot() == 0);
        if (taken) {
            findings.add(Finding.ok(
                    "masters",
                    sight.masters().stream()
                            .map(held -> sight.members()
                                            .member(held.node())
                                            .map(Member::name)
                                            .orElse(held.node()) + " in slot " + held.slot() + ", term " + held.term())
                            .collect(Collectors.joining("; "))));
        } else if (sight.members().members().stream().anyMatch(Member::eligible)) {
            findings.add(
                    Finding.wrong("masters", "there is none", "see 'coterie explain master'; try again in a second"));
        } else {
            findings.add(Finding.wrong(
                    "masters", "there is none, and no member may become one", "start a node with --eligible true"));
        }
    }

    private void versions(List<Member> members) {
        List<String> versions =
                members.stream().map(Member::version).distinct().sorted().toList();
        if (versions.size() > 1) {
            findings.add(Finding.note(
                    "versions", "members run " + String.join(", ", versions), "bring all to one when it suits"));
        }
    }

    private void reach() {
        List<String> silent = new ArrayList<>();
        observer.explain("master", "").forEach((member, answer) -> {
            if (answer.explanation().isEmpty()) {
                silent.add(member.name() + " at " + member.address() + ":" + member.port() + " (" + answer.problem()
                        + ")");
            }
        });
        findings.add(
                silent.isEmpty()
                        ? Finding.ok("links", "every member can be reached from here")
                        : Finding.wrong(
                                "links",
                                "no answer from " + String.join(", ", silent),
                                "see that no firewall is between, and that the node says an address with --address that"
                                        + " others can reach"));
    }

    private static String names(List<Member> members) {
        String names = members.stream().limit(20).map(Member::name).collect(Collectors.joining(", "));
        return members.size() + ": " + names + (members.size() > 20 ? ", ..." : "");
    }
}
