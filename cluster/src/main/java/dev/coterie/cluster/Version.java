package dev.coterie.cluster;

import java.util.Objects;

/** Which version of the library this is. */
final class Version {

    /** From the jar's manifest; {@code dev} when run from classes. */
    static final String CURRENT =
            Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "dev");

    private Version() {}
}
