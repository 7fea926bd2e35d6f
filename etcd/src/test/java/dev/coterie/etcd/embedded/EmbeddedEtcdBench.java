package dev.coterie.etcd.embedded;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.coterie.etcd.EtcdProcess;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KVGrpc.KVFutureStub;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How fast the embedded etcd is beside a real one, asked by the same client:
 * {@code mvn verify -pl etcd -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=EmbeddedEtcdBench}. Prints, and
 * asserts nothing, so no other run includes it.
 */
class EmbeddedEtcdBench {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedEtcdBench.class);
    private static final int ROUNDS = 5;

    @Test
    void start() {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            long before = System.nanoTime();
            try (EmbeddedEtcd etcd = EmbeddedEtcd.start()) {
                millis.add((System.nanoTime() - before) / 1e6);
                log.debug("{}", etcd);
            }
        }
        log.info(
                "start of the embedded etcd: first {} ms, then {} ms at the median",
                round(millis.get(0)),
                median(millis));
    }

    @Test
    void operations() {
        try (EtcdProcess disk = EtcdProcess.single();
                EtcdProcess memory = EtcdProcess.with().fastStorage().start();
                EmbeddedEtcd embedded = EmbeddedEtcd.start()) {
            Map<String, String> servers = new LinkedHashMap<>();
            servers.put("embedded", embedded.endpoint());
            servers.put("real, data in memory", memory.endpoints().get(0));
            servers.put("real, data on disk", disk.endpoints().get(0));
            compare("put of 100 bytes, 1 in flight", servers, 1, 1000, stub -> stub.put(put(1)));
            compare("put of 100 bytes, 64 in flight", servers, 64, 20_000, stub -> stub.put(put(1)));
            compare("transaction of 64 puts, 16 in flight", servers, 16, 1000, stub -> stub.txn(txn()));
            compare("get, 64 in flight", servers, 64, 20_000, stub -> stub.range(get()));
        }
    }

    /** Rounds take turns, so that what else the machine does hits all alike. */
    private static void compare(
            String what,
            Map<String, String> servers,
            int inFlight,
            int count,
            Function<KVFutureStub, ListenableFuture<?>> operation) {
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            servers.forEach((name, endpoint) -> {
                double rate = rate(endpoint, inFlight, count, operation);
                rates.computeIfAbsent(name, first -> new ArrayList<>()).add(rate);
            });
        }
        rates.forEach((name, all) -> log.info("{}: {} {}/s", what, name, median(all)));
    }

    private static double rate(
            String endpoint, int inFlight, int count, Function<KVFutureStub, ListenableFuture<?>> operation) {
        URI uri = URI.create(endpoint);
        ManagedChannel channel = NettyChannelBuilder.forAddress(uri.getHost(), uri.getPort())
                .usePlaintext()
                .directExecutor()
                .build();
        try {
            run(KVGrpc.newFutureStub(channel), inFlight, count / 5, operation);
            long before = System.nanoTime();
            run(KVGrpc.newFutureStub(channel), inFlight, count, operation);
            return count / ((System.nanoTime() - before) / 1e9);
        } finally {
            channel.shutdownNow();
        }
    }

    private static void run(
            KVFutureStub stub, int inFlight, int count, Function<KVFutureStub, ListenableFuture<?>> operation) {
        Semaphore places = new Semaphore(inFlight);
        for (int i = 0; i < count; i++) {
            places.acquireUninterruptibly();
            operation.apply(stub.withDeadlineAfter(30, TimeUnit.SECONDS)).addListener(places::release, Runnable::run);
        }
        places.acquireUninterruptibly(inFlight);
    }

    private static PutRequest put(int key) {
        return PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("bench/" + key))
                .setValue(ByteString.copyFrom(new byte[100]))
                .build();
    }

    private static RangeRequest get() {
        return RangeRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("bench/1"))
                .build();
    }

    private static TxnRequest txn() {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int i = 0; i < 64; i++) {
            txn.addSuccess(RequestOp.newBuilder().setRequestPut(put(i)));
        }
        return txn.build();
    }

    private static long median(List<Double> values) {
        Collections.sort(values);
        return Math.round(values.get(values.size() / 2));
    }

    private static long round(double value) {
        return Math.round(value);
    }
}
