package dev.coterie.machines.faults;

import java.util.function.Function;

/**
 * Something that goes wrong for a while.
 *
 * @param name such as {@code kill-master}
 * @param ofEtcd whether it is etcd that it goes wrong with
 * @param begin begins it; what it returns ends it, and starts again what is to be started
 */
record Fault(String name, boolean ofEtcd, Function<Stage, Runnable> begin) {

    /** One of a node or of the network. */
    Fault(String name, Function<Stage, Runnable> begin) {
        this(name, false, begin);
    }

    /** Whether both can be at a time: what two of them do to the same etcd may exclude each other. */
    boolean goesWith(Fault other) {
        return !name.equals(other.name) && !(ofEtcd && other.ofEtcd);
    }

    /**
     * Both at a time. That of etcd begins last and ends first, since etcd is asked who is master, and a node does not start
     * without it.
     */
    Fault and(Fault other) {
        if (!goesWith(other)) {
            throw new IllegalArgumentException("fault: " + name + " and " + other.name + " do not go together");
        }
        Fault outer = ofEtcd ? other : this;
        Fault inner = ofEtcd ? this : other;
        return new Fault(name + "+" + other.name, inner.ofEtcd, stage -> {
            Runnable endOuter = outer.begin.apply(stage);
            Runnable endInner = inner.begin.apply(stage);
            return () -> {
                endInner.run();
                endOuter.run();
            };
        });
    }
}
