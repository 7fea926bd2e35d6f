package dev.coterie.cluster;

import dev.coterie.cluster.concurrent.EventLoop;
import dev.coterie.cluster.concurrent.ThreadEventLoop;
import dev.coterie.cluster.discovery.Explanation;
import dev.coterie.cluster.discovery.Member;
import dev.coterie.cluster.discovery.View;
import dev.coterie.cluster.election.Election;
import dev.coterie.cluster.election.Holding;
import dev.coterie.cluster.link.GrpcTransport;
import dev.coterie.cluster.membership.MemberRecord;
import dev.coterie.cluster.membership.Registration;
import dev.coterie.cluster.store.Entry;
import dev.coterie.cluster.store.EtcdStore;
import dev.coterie.cluster.store.KeyValueStore;
import dev.coterie.cluster.store.Operation;
import dev.coterie.cluster.store.Range;
import dev.coterie.cluster.store.StoreException;
import dev.coterie.cluster.store.Transaction;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a cluster without being a member of it: nobody sees it come or go. For tools. Any thread; every call waits
 * for its answer, as long as the request timeout of the configuration at most.
 */
public final class Observer implements AutoCloseable {

    private final ClusterConfig config;
    private final ThreadEventLoop loop = new ThreadEventLoop("coterie-observer");
    private final KeyValueStore store;
    private @Nullable GrpcTransport transport;

    /**
     * Prepares it.
     *
     * @param config where etcd is, the prefix and the request timeout; the rest means nothing here
     * @throws IllegalArgumentException if the configuration will not do
     */
    public Observer(ClusterConfig config) {
        this.config = config.validate();
        this.store = new EtcdStore(config.etcd(), config.requestTimeout(), loop);
    }

    /**
     * The members and masters as etcd has them now.
     *
     * @throws StoreException if etcd does not answer
     */
    public Sight look() {
        return await(sight());
    }

    /** As {@link #look}, without waiting; fails with a {@link StoreException} if etcd does not answer. */
    public CompletableFuture<Sight> sight() {
        return store.commit(Transaction.when()
                        .then(
                                new Operation.Read(Range.prefix(config.prefix() + Registration.DIRECTORY)),
                                new Operation.Read(Range.prefix(config.prefix() + Election.DIRECTORY))))
                .thenApply(result -> Sight.of(
                        config.prefix(),
                        result.revision(),
                        result.reads().get(0),
                        result.reads().get(1)));
    }

    /**
     * A cluster at one revision of etcd.
     *
     * @param members the oldest session first
     * @param masters by slot
     */
    public record Sight(View members, List<Holding> masters) {

        private static Sight of(String prefix, long revision, List<Entry> members, List<Entry> masters) {
            return new Sight(
                    new View(
                            revision,
                            members.stream()
                                    .sorted(Comparator.comparingLong(Entry::createRevision))
                                    .flatMap(entry -> MemberRecord.read(entry.value()).stream())
                                    .toList()),
                    masters.stream()
                            .flatMap(entry -> Holding.read(prefix + Election.DIRECTORY, entry).stream())
                            .sorted(Comparator.comparingInt(Holding::slot))
                            .toList());
        }
    }

    /** The store itself, on {@link #loop}; closed with this. */
    public KeyValueStore store() {
        return store;
    }

    /** Where the store's watches tell what they see. */
    public EventLoop loop() {
        return loop;
    }

    /**
     * Asks every member why something is as it is.
     *
     * @param subject such as {@code master} or {@code member}
     * @param name of what is to be explained
     * @return what each of them says, in the order of the view
     * @throws StoreException if etcd does not answer
     */
    public Map<Member, Answer> explain(String subject, String name) {
        byte[] question = Explanations.question(subject, name);
        Map<Member, CompletableFuture<Answer>> asked = new LinkedHashMap<>();
        for (Member member : look().members().members()) {
            asked.put(member, ask(member, question));
        }
        Map<Member, Answer> answers = new LinkedHashMap<>();
        asked.forEach((member, answer) -> answers.put(member, answer.join()));
        return answers;
    }

    /**
     * What a member says.
     *
     * @param explanation empty if there is none
     * @param problem why there is none; empty if there is one
     */
    public record Answer(Optional<Explanation> explanation, String problem) {}

    private CompletableFuture<Answer> ask(Member member, byte[] question) {
        Duration patience = config.requestTimeout();
        return transport()
                .ask(member.address(), member.port(), question, patience)
                .thenApply(answer -> new Answer(Optional.of(Explanations.read(answer)), ""))
                .exceptionally(failure -> new Answer(Optional.empty(), cause(failure)));
    }

    private static String cause(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(cause.getMessage());
    }

    /** Made when it is first needed: most who look ask etcd alone. */
    private synchronized GrpcTransport transport() {
        if (transport == null) {
            transport = new GrpcTransport("127.0.0.1", 0);
        }
        return transport;
    }

    private static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof StoreException known ? known : failure;
        }
    }

    @Override
    public synchronized void close() {
        if (transport != null) {
            transport.close();
        }
        store.close();
        loop.close();
    }
}
