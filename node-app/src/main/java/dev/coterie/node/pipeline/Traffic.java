package dev.coterie.node.pipeline;

import dev.coterie.cluster.discovery.Member;

/** Is told of every task and result that this node sends or hears, whoever they are meant for. On the pipeline's loop. */
public interface Traffic {

    /** A task is on its way to its executor. */
    void given(Task task);

    /** A result is on its way to the master. */
    void answered(Result result, Member from);

    /** Nobody who looks. */
    Traffic UNSEEN = new Traffic() {
        @Override
        public void given(Task task) {}

        @Override
        public void answered(Result result, Member from) {}
    };
}
