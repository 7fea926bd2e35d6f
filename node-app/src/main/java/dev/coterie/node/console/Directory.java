package dev.coterie.node.console;

import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.membership.MemberRecord;
import dev.coterie.cluster.membership.Registration;
import dev.coterie.cluster.store.Entry;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Where members and masters stand in etcd, and how to read them. */
final class Directory {

    private static final JsonMapper JSON = new JsonMapper();

    private Directory() {}

    /** What the keys of all members begin with. */
    static String members(String prefix) {
        return prefix + Registration.DIRECTORY;
    }

    /** What the keys of all masters begin with. */
    static String masters(String prefix) {
        return prefix + "masters/";
    }

    /** A member; empty if something else stands there. */
    static Optional<Member> member(Entry entry) {
        return MemberRecord.read(entry.value());
    }

    /** A master's record; empty if something else stands there. */
    static Map<?, ?> master(Entry entry) {
        try {
            Map<?, ?> read = JSON.readValue(entry.value(), Map.class);
            return read == null ? Map.of() : read;
        } catch (JacksonException notSlot) {
            return Map.of();
        }
    }

    /** Which slot a key is; -1 if none. */
    static int slot(String prefix, String key) {
        String number = key.substring(masters(prefix).length());
        return number.matches("\\d{1,9}") ? Integer.parseInt(number) : -1;
    }
}
