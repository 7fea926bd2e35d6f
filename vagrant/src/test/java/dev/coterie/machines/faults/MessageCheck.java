package dev.coterie.machines.faults;

import dev.coterie.machines.faults.Happening.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Messages of one sender arrive in order, each once; and all of them, but for those of which the sender was told that
 * they are missed, and those that were on their way in times of trouble.
 */
final class MessageCheck implements Check {

    @Override
    public List<String> violations(History history) {
        List<String> found = new ArrayList<>();
        Map<String, Happening> sent = new HashMap<>();
        history.of(Kind.SENT).forEach(one -> sent.put(name(one.process(), one.number()), one));
        // Said after it was sent, of what its sender was told is missed by somebody.
        history.of(Kind.MISSED).forEach(one -> sent.put(name(one.process(), one.number()), one));
        history.byProcess(Kind.HEARD).values().forEach(heard -> oneReceiver(history, sent, heard, found));
        return found;
    }

    private static void oneReceiver(
            History history, Map<String, Happening> sent, List<Happening> heard, List<String> found) {
        Map<String, Happening> last = new HashMap<>();
        for (Happening one : heard) {
            Happening before = last.put(one.id(), one);
            if (!sent.containsKey(name(one.id(), one.number()))) {
                found.add("message was never sent: " + one);
            }
            if (before == null) {
                continue;
            }
            if (one.number() <= before.number()) {
                found.add("message came twice or out of order: " + one + " after " + before);
            }
            for (long missing = before.number() + 1; missing < one.number(); missing++) {
                Happening message = sent.get(name(one.id(), missing));
                if (message != null && message.kind() == Kind.SENT && !history.wasTrouble(message.at(), one.at())) {
                    found.add("message was lost, and nothing was wrong: " + message + ", not heard by " + one.process()
                            + " before " + one);
                }
            }
        }
    }

    private static String name(String sender, long number) {
        return sender + "#" + number;
    }
}
