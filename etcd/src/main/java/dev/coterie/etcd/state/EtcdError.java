package dev.coterie.etcd.state;

/** etcd's answer to a request that it does not fulfil; nothing was changed. The texts are those of etcd 3.4. */
public final class EtcdError extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Code code;

    private EtcdError(Code code, String message) {
        // An answer among others and not a fault of this program: where it was thrown is of no interest.
        super(message, null, false, false);
        this.code = code;
    }

    /** The class of error; each has the name of the gRPC status code that carries it. */
    public Code code() {
        return code;
    }

    /** The class of error; each has the name of the gRPC status code that carries it. */
    public enum Code {
        /** The request breaks a rule, whatever the state. */
        INVALID_ARGUMENT,
        /** What the request is about does not exist. */
        NOT_FOUND,
        /** The state does not allow it. */
        FAILED_PRECONDITION,
        /** A number is beyond what there is. */
        OUT_OF_RANGE,
        /** There is no room for it. */
        RESOURCE_EXHAUSTED
    }

    static EtcdError emptyKey() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: key is not provided");
    }

    static EtcdError keyNotFound() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: key not found");
    }

    static EtcdError valueProvided() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: value is provided");
    }

    static EtcdError leaseProvided() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: lease is provided");
    }

    static EtcdError tooManyOperations() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request");
    }

    static EtcdError duplicateKey() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request");
    }

    static EtcdError requestTooLarge() {
        return new EtcdError(Code.INVALID_ARGUMENT, "etcdserver: request is too large");
    }

    static EtcdError compacted() {
        return new EtcdError(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted");
    }

    static EtcdError futureRevision() {
        return new EtcdError(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision");
    }

    static EtcdError noSpace() {
        return new EtcdError(Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded");
    }

    static EtcdError leaseNotFound() {
        return new EtcdError(Code.NOT_FOUND, "etcdserver: requested lease not found");
    }

    static EtcdError leaseExists() {
        return new EtcdError(Code.FAILED_PRECONDITION, "etcdserver: lease already exists");
    }

    static EtcdError leaseTtlTooLarge() {
        return new EtcdError(Code.OUT_OF_RANGE, "etcdserver: too large lease TTL");
    }
}
