/** The machines of the Vagrantfile, without Vagrant. */
@NullMarked
package dev.coterie.machines.provision;

import org.jspecify.annotations.NullMarked;
