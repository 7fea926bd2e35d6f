package dev.coterie.machines.faults;

import java.util.function.Function;

/**
 * Something that goes wrong for a while.
 *
 * @param name such as {@code kill-master}
 * @param begin begins it; what it returns ends it, and starts again what is to be started
 */
record Fault(String name, Function<Stage, Runnable> begin) {

    /** Both at a time. */
    Fault and(Fault other) {
        return new Fault(name + "+" + other.name, stage -> {
            Runnable endOther = other.begin.apply(stage);
            Runnable endThis = begin.apply(stage);
            return () -> {
                endThis.run();
                endOther.run();
            };
        });
    }
}
