package dev.coterie.workers.traffic;

import java.util.List;

/** The usual balancer. */
final class PlainType implements BalancerType {

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public String help() {
        return "hands each datum to one worker";
    }

    @Override
    public List<Flag> flags(List<Flag> usual) {
        return usual;
    }

    @Override
    public Distribution distribution(Flags flags) {
        return Distribution.USUAL;
    }
}
