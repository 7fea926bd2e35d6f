package dev.coterie.etcd.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.coterie.etcd.EtcdProcess;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A real etcd and the embedded one, asked the same; fails where they do not answer the same. */
final class BothEtcds implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final WatchRequest MARK = WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8("b"))
                    .setRangeEnd(ByteString.copyFromUtf8("a")))
            .build();

    private final Runnable endReal;
    private final EmbeddedEtcd embedded;
    private final RawClient real;
    private final RawClient ours;
    private final RawClient.Watching realWatch;
    private final RawClient.Watching ourWatch;
    private final Deque<String> lately = new ArrayDeque<>();
    private final boolean portions;
    private WatchResponse lastCreated = WatchResponse.getDefaultInstance();
    private int events;
    private int responses;

    /**
     * Starts both.
     *
     * @param portions whether watches have to tell the same events in the same responses; a real etcd that has many
     *     watches to serve, or a slow machine, puts several changes into one
     */
    BothEtcds(boolean portions) {
        this(EtcdProcess.with().fastStorage().start(), portions);
    }

    private BothEtcds(EtcdProcess etcd, boolean portions) {
        this(etcd.endpoints().get(0), etcd::close, portions);
    }

    /** Starts only the embedded one beside a real one, which {@link #close()} ends. */
    BothEtcds(String endpoint, Runnable endReal, boolean portions) {
        this.endReal = endReal;
        this.portions = portions;
        embedded = EmbeddedEtcd.with().stoppedClock().start();
        real = new RawClient(endpoint);
        ours = new RawClient(embedded.endpoint());
        realWatch = real.watch();
        ourWatch = ours.watch();
    }

    EmbeddedEtcd embedded() {
        return embedded;
    }

    /** Both answer a request the same. */
    <Q extends Message, R extends Message> String same(MethodDescriptor<Q, R> method, Q request) {
        note(request);
        return both(method.getBareMethodName(), client -> client.say(method, request));
    }

    /** Both give the same result when asked in this way. */
    String both(String what, Function<RawClient, String> question) {
        String expected = question.apply(real);
        assertThat(question.apply(ours)).as(what).isEqualTo(expected);
        return expected;
    }

    /** Sends a request on the stream of watches, waits until it has been taken, and compares. */
    void watch(WatchRequest request) {
        note(request);
        compareWatches();
        realWatch.send(request);
        ourWatch.send(request);
        // Of no key, so it is refused at once, and that shows that the one before it was taken. Progress would not do:
        // from 3.5 on etcd says nothing of it while some watch is behind, or is of the future, or there is none.
        realWatch.send(MARK);
        ourWatch.send(MARK);
        long answers = request.hasCreateRequest() ? 2 : 1;
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .until(() -> created(ourWatch) >= answers && created(realWatch) >= answers);
        compareWatches();
    }

    private static long created(RawClient.Watching watching) {
        return watching.responses().stream().filter(WatchResponse::getCreated).count();
    }

    /** The answer to the last request for a watch. */
    WatchResponse lastCreated() {
        return lastCreated;
    }

    /** Waits until a watch of ours tells something. */
    void awaitOurs() {
        await().atMost(PATIENCE).until(() -> !ourWatch.responses().isEmpty());
    }

    /** How many events of watches were compared. */
    int events() {
        return events;
    }

    /** How many responses of watches were compared. */
    int responses() {
        return responses;
    }

    /** Waits until the real one has told as much as ours has since the last time, and compares. */
    void compareWatches() {
        List<WatchResponse> said = ourWatch.responses();
        String expected = told(said) + ourWatch.end();
        AtomicInteger compared = new AtomicInteger();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .untilAsserted(() -> {
                    List<WatchResponse> told = realWatch.responses();
                    compared.set(told.size());
                    assertThat(told(told) + realWatch.end()).as("watches").isEqualTo(expected);
                });
        events += said.stream().mapToInt(WatchResponse::getEventsCount).sum();
        responses += said.size();
        said.stream().filter(WatchResponse::getCreated).findFirst().ifPresent(created -> lastCreated = created);
        ourWatch.forget(said.size());
        realWatch.forget(compared.get());
    }

    /** What each watch told, in its order. */
    private String told(List<WatchResponse> responses) {
        return responses.stream()
                .collect(Collectors.groupingBy(
                        WatchResponse::getWatchId,
                        TreeMap::new,
                        Collectors.flatMapping(this::lines, Collectors.joining("\n"))))
                .toString();
    }

    private Stream<String> lines(WatchResponse response) {
        return portions || response.getEventsCount() == 0
                ? Stream.of(response.toString())
                : response.getEventsList().stream().map(Event::toString);
    }

    private void note(Message request) {
        if (lately.size() == 12) {
            lately.removeFirst();
        }
        lately.addLast(request.getDescriptorForType().getName() + " { "
                + request.toString().replaceAll("\\s+", " ") + "}");
    }

    /** What was asked last. */
    String lately() {
        return String.join("\n", lately);
    }

    @Override
    public void close() {
        real.close();
        ours.close();
        embedded.close();
        endReal.run();
    }
}
