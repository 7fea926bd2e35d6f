package dev.coterie.bench.peer;

/** A system's server is not installed. The message is a sentence that says what to do. */
public final class MissingServer extends Exception {

    private static final long serialVersionUID = 1;

    /**
     * A program that was not found.
     *
     * @param debianPackage which has it
     */
    public MissingServer(String program, String debianPackage) {
        super("there is no " + program + " on this machine; on Debian, apt-get install " + debianPackage);
    }
}
