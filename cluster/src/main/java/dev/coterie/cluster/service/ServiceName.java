package dev.coterie.cluster.service;

import java.util.regex.Pattern;

/** What services may be called: as channels. */
final class ServiceName {

    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

    private ServiceName() {}

    static String check(String name) {
        if (!VALID.matcher(name).matches()) {
            throw new IllegalArgumentException("service: '" + name
                    + "' will not do; use 1 to 64 of A-Z a-z 0-9 . _ - and do not begin with a dot");
        }
        return name;
    }
}
