package dev.coterie.workers.monitor;

import dev.coterie.cluster.concurrent.Clock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Says over HTTP whether this host is to get traffic, and lets it be taken out and in: only if control is on, and then only
 * from this machine or with the token.
 */
final class EcvAnswers {

    private final MonitorConfig config;
    private final Ecv ecv;
    private final Clock clock;
    private final Consumer<String> warnings;
    private final Instant since;

    EcvAnswers(MonitorConfig config, Ecv ecv, Clock clock, Consumer<String> warnings) {
        this.config = config;
        this.ecv = ecv;
        this.clock = clock;
        this.warnings = warnings;
        this.since = clock.now();
    }

    /** In the form that load balancers of the original know, or as JSON for those that accept it. */
    Answer verdict(Caller caller) throws UnknownHostException {
        Ecv.Status status = ecv.status();
        Optional<Ecv.Switch> off = ecv.disabled();
        Answer answer = caller.accepts("application/json")
                ? Answer.json(status.code(), fields(status, off))
                : Answer.text(status.code(), form(status, caller));
        answer = answer.with("since", since.toString())
                .with("X-Powered-By", "Coterie")
                .with("Connection", "close");
        if (off.isPresent()) {
            answer = answer.with("X-Disabled-By", off.get().by())
                    .with("X-Disabled-Why", off.get().why());
        }
        return until(off).isEmpty() ? answer : answer.with("X-Disabled-Until", until(off));
    }

    private String form(Ecv.Status status, Caller caller) throws UnknownHostException {
        InetAddress host = InetAddress.getLocalHost();
        int port = config.applicationPort() == 0 ? caller.localPort() : config.applicationPort();
        return "status=" + status + "&ServeTraffic=" + (status == Ecv.Status.AVAILABLE) + "&ip=" + caller.localAddress()
                + "&hostname=" + host.getHostName() + "&port=" + port + "&time=" + clock.now();
    }

    private Map<String, Object> fields(Ecv.Status status, Optional<Ecv.Switch> off) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("status", status.toString());
        fields.put("serveTraffic", status == Ecv.Status.AVAILABLE);
        fields.put("control", config.control());
        off.ifPresent(one -> {
            fields.put("by", one.by());
            fields.put("why", one.why());
            fields.put("until", until(off));
        });
        return fields;
    }

    private static String until(Optional<Ecv.Switch> off) {
        return off.flatMap(Ecv.Switch::until).map(Instant::toString).orElse("");
    }

    Answer disable(Caller caller) {
        return guarded(caller, () -> {
            Ecv.Switch off = new Ecv.Switch(
                    caller.field("by").orElse(caller.address()),
                    caller.field("why").orElse(""),
                    until(caller.field("until").orElse("")));
            ecv.disable(off);
            warnings.accept("ECV disabled by " + off.by() + (off.why().isEmpty() ? "" : ": " + off.why())
                    + off.until().map(until -> ", until " + until).orElse(""));
        });
    }

    Answer enable(Caller caller) {
        return guarded(caller, () -> {
            ecv.enable();
            warnings.accept("ECV enabled by " + caller.field("by").orElse(caller.address()));
        });
    }

    private Answer guarded(Caller caller, Runnable change) {
        if (!config.control()) {
            return Answer.text(403, "control is off; switch it on where this process is started\n");
        }
        if (!caller.isTrusted(config)) {
            return Answer.refusal();
        }
        change.run();
        return Answer.text(204, "");
    }

    private Optional<Instant> until(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text))
                    .filter(clock.now()::isBefore)
                    .or(() -> {
                        throw new IllegalArgumentException("until: '" + text + "' is past; choose a later time");
                    });
        } catch (DateTimeParseException malformed) {
            throw new IllegalArgumentException(
                    "until: '" + text + "' will not do; write it as 2026-01-31T18:00:00Z", malformed);
        }
    }
}
