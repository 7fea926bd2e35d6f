package dev.coterie.cluster.store;

/** What a revision did to one key. */
public sealed interface Change {

    /** The key. */
    String key();

    /** The revision that did it. */
    long revision();

    /** The key was written. */
    record Written(Entry entry) implements Change {
        @Override
        public String key() {
            return entry.key();
        }

        @Override
        public long revision() {
            return entry.modRevision();
        }
    }

    /** The key was deleted, or its lease ended. */
    record Deleted(String key, long revision) implements Change {}
}
