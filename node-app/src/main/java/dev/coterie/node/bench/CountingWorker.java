package dev.coterie.node.bench;

import dev.coterie.workers.worker.Worker;

/** A worker that only counts what it gets, which every worker does. */
final class CountingWorker {

    private CountingWorker() {}

    /** Runs it, as a process of its own. */
    public static void main(String[] args) {
        Worker.connect().run();
    }
}
