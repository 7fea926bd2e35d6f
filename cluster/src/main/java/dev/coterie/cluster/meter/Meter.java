package dev.coterie.cluster.meter;

/**
 * Is told what a node counts and times, to be shown by whatever an application measures with. It must not block, nor
 * throw: it is called on the event loop and on the path of every message. Any thread.
 */
public interface Meter {

    /** Forgets all of it. */
    Meter NONE = new Meter() {
        @Override
        public void count(Count what, long times) {}

        @Override
        public void time(Time what, long nanos) {}

        @Override
        public void level(Level what, long now) {}
    };

    /** Something has happened so many times more. */
    void count(Count what, long times);

    /** Something has taken so long. */
    void time(Time what, long nanos);

    /** Something is so much now. */
    void level(Level what, long now);

    /** What is counted. */
    enum Count {
        /** A session has begun; the first one, too. */
        SESSION_BEGUN,
        /** A session has ended against the node's will. */
        SESSION_LOST,
        /** A refresh of the session's lease has failed, and is tried again. */
        REFRESH_FAILED,
        /** This node has taken another for dead and ended its session. */
        MEMBER_EVICTED,
        /** This node became master. */
        PROMOTED,
        /** This node is not master any more. */
        DEMOTED,
        /** A message on a channel was queued for a receiver. */
        MESSAGE_SENT,
        /** A receiver misses a message, since its queue was full or it could not be reached. */
        MESSAGE_MISSED,
        /** A message on a channel has come in. */
        MESSAGE_RECEIVED,
        /** A call to etcd has failed. */
        ETCD_FAILED
    }

    /** What is timed. */
    enum Time {
        /** A read from etcd. */
        ETCD_READ,
        /** A transaction of etcd, one whose conditions did not hold included. */
        ETCD_TRANSACTION,
        /** A call to etcd about a lease. */
        ETCD_LEASE,
        /** An append to the journal: until etcd has it. */
        JOURNAL_APPEND
    }

    /** What is now more and now less; of the journal only while this node writes it, else 0. */
    enum Level {
        /** Bytes of all records of the journal. */
        JOURNAL_BYTES,
        /** Bytes of its records that are still needed. */
        JOURNAL_LIVE_BYTES,
        /** Bytes that wait to be written to it. */
        JOURNAL_WAITING_BYTES
    }
}
