package dev.coterie.machines.faults;

import java.util.List;

/** One rule of what must always hold. It knows nothing of how the history came about. */
interface Check {

    /** All of them. */
    List<Check> ALL = List.of(
            new TaskCheck(),
            new TimerCheck(),
            new MessageCheck(),
            new MasterCheck(),
            new EventCheck(),
            new ServiceCheck());

    /** What it does not allow, in words. */
    List<String> violations(History history);
}
