package dev.coterie.node.console;

import java.io.IOException;

/** Answers requests for one path. On one of the server's threads; may wait, but not for long. */
@FunctionalInterface
public interface Handler {

    /**
     * Answers one.
     *
     * @throws Refused to answer with a status and a sentence
     */
    Answer answer(Request request) throws IOException;
}
