package dev.coterie.cluster.simulation;

import java.util.List;
import java.util.function.LongFunction;

/** A run, for whoever has loaded the simulation with a class loader of its own: a seed in, what was wrong out. */
public final class SimulationEntry implements LongFunction<List<String>> {

    @Override
    public List<String> apply(long seed) {
        return Simulation.run(seed).violations();
    }
}
