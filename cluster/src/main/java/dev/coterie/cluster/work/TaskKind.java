package dev.coterie.cluster.work;

import java.util.ArrayList;
import java.util.List;

/** All tasks of one type that are due, and who can run them. */
final class TaskKind {

    final String name;
    final TaskList waiting = new TaskList();
    final List<NodeLine> able = new ArrayList<>();

    /** How many tasks there are of it, in any state. */
    int tasks;

    TaskKind(String name) {
        this.name = name;
    }
}
