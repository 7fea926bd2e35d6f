/**
 * What must always hold, under real faults: a {@linkplain dev.coterie.machines.faults.TrafficNode traffic} of real nodes
 * in the lab, {@linkplain dev.coterie.machines.faults.Fault faults} beside it, the {@linkplain
 * dev.coterie.machines.faults.History history} of what happened, and {@linkplain dev.coterie.machines.faults.Check
 * checks} of it.
 */
@NullMarked
package dev.coterie.machines.faults;

import org.jspecify.annotations.NullMarked;
