package dev.coterie.workers.supervisor;

import java.util.List;
import java.util.Map;

/**
 * What a worker asks its supervisor, or asks it to do. Equal questions that wait at the same time are asked once.
 *
 * @param delegate what is asked, as the application calls it
 * @param data what belongs to it: JSON values
 * @param expect the type of the answer; empty if none is expected
 * @param matches which fields of the data the answer must have with the same values
 */
public record Question(String delegate, Map<String, Object> data, String expect, List<String> matches) {

    /** Whether something answers it. */
    boolean isAnsweredBy(String type, Map<String, Object> answer) {
        return expect.equals(type)
                && matches.stream()
                        .allMatch(field ->
                                data.containsKey(field) && data.get(field).equals(answer.get(field)));
    }
}
