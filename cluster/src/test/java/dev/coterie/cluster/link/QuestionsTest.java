package dev.coterie.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coterie.cluster.link.LinkException.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QuestionsTest {

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final GrpcTransport asker = new GrpcTransport(LOOPBACK, 0);
    private final GrpcTransport node = new GrpcTransport(LOOPBACK, 0);

    @AfterEach
    void close() {
        asker.close();
        node.close();
    }

    @Test
    void a_question_is_answered_without_a_link() {
        int port = answering(question -> CompletableFuture.completedFuture(question));

        byte[] answer = asker.ask(LOOPBACK, port, bytes("why?"), PATIENCE).join();

        assertThat(answer).isEqualTo(bytes("why?"));
    }

    @Test
    void a_refusal_reaches_the_asker_with_its_reason() {
        int port = answering(
                question -> CompletableFuture.failedFuture(new LinkException(Kind.REJECTED, "not a question of mine")));

        assertFails(port, PATIENCE, Kind.REJECTED, "not a question of mine");
    }

    @Test
    void an_answer_that_does_not_come_is_silence_at_the_deadline() {
        int port = answering(question -> new CompletableFuture<>());

        assertFails(port, Duration.ofMillis(100), Kind.SILENT, LOOPBACK);
    }

    @Test
    void nobody_there_is_refused() {
        int port = answering(question -> new CompletableFuture<>());
        node.close();

        assertFails(port, PATIENCE, Kind.REFUSED, "nobody listens");
    }

    private int answering(Function<byte[], CompletionStage<byte[]>> responder) {
        return node.listen(new Transport.Acceptor() {
            @Override
            public Transport.Receiver accept(Greeting greeting) {
                throw new LinkException(Kind.REJECTED, "no links here");
            }

            @Override
            public CompletionStage<byte[]> asked(byte[] question) {
                return responder.apply(question);
            }
        });
    }

    private void assertFails(int port, Duration deadline, Kind kind, String text) {
        CompletableFuture<byte[]> answer = asker.ask(LOOPBACK, port, bytes("why?"), deadline);

        assertThatThrownBy(answer::join).cause().isInstanceOfSatisfying(LinkException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure).hasMessageContaining(text);
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
