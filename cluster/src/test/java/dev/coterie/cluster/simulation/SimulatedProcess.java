package dev.coterie.cluster.simulation;

/** A process of a node: it lives until it crashes, and runs unless it is frozen. */
final class SimulatedProcess {

    private final World world;
    private final String name;
    private final double clockRate;
    private final SimulatedLoop loop;
    private final SimulatedLoop callbacks;
    private boolean alive = true;
    private boolean frozen;
    private long runningSince;

    /**
     * Starts it.
     *
     * @param clockRate how many seconds its clock counts in one of the world's
     */
    SimulatedProcess(World world, String name, double clockRate) {
        this.world = world;
        this.name = name;
        this.clockRate = clockRate;
        this.runningSince = world.now();
        this.loop = new SimulatedLoop(world, this);
        this.callbacks = new SimulatedLoop(world, this);
    }

    String name() {
        return name;
    }

    double clockRate() {
        return clockRate;
    }

    SimulatedLoop loop() {
        return loop;
    }

    SimulatedLoop callbacks() {
        return callbacks;
    }

    boolean alive() {
        return alive;
    }

    boolean frozen() {
        return frozen;
    }

    boolean runs() {
        return alive && !frozen;
    }

    /** When it was started or thawed, in nanoseconds since the beginning. */
    long runningSince() {
        return runningSince;
    }

    void crash() {
        world.note(name, "crashes");
        alive = false;
    }

    void freeze() {
        world.note(name, "freezes");
        frozen = true;
    }

    void thaw() {
        world.note(name, "thaws");
        frozen = false;
        runningSince = world.now();
        loop.thawed();
        callbacks.thawed();
    }
}
