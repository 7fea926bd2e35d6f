package dev.coterie.node;

import dev.coterie.cluster.concurrent.Clock;
import dev.coterie.etcd.EtcdOptions;
import dev.coterie.etcd.EtcdProcess;
import dev.coterie.etcd.embedded.EmbeddedEtcd;
import dev.coterie.node.demo.OwnEtcd;
import dev.coterie.node.output.Event;
import dev.coterie.node.settings.UsageException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code coterie etcd}. */
@Command(
        name = "etcd",
        description = "Runs an etcd for other programs, until Ctrl-C: a real one if this machine has one, else the one"
                + " inside the JVM.")
final class EtcdCommand implements Callable<Integer> {

    @Option(names = "--embedded", description = "The one inside the JVM: in memory, for development and tests.")
    private boolean embedded;

    @Option(names = "--members", paramLabel = "COUNT", defaultValue = "1", description = "How many members: 1 to 7.")
    private int members;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "The first member's port for clients; 0, the default, for any free one.")
    private int port;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = "Where its data are kept; default: a temporary folder, deleted at the end.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Say where it answers as JSON, in one line.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        validate();
        OwnEtcd etcd = start();
        Runtime.getRuntime().addShutdownHook(new Thread(etcd::close, "end of etcd"));
        say(etcd);
        // Until the process is told to end.
        new CountDownLatch(1).await();
        return ExitCode.OK;
    }

    private void say(OwnEtcd etcd) {
        if (json) {
            Map<String, Object> fields = Map.of("endpoints", etcd.endpoints());
            System.out.println(new Event("etcd", "etcd", Clock.system().now(), fields).json());
            return;
        }
        String urls = String.join(",", etcd.endpoints());
        System.out.println("Started " + etcd.description() + " at " + urls + "; Ctrl-C ends it. To look at its keys:");
        System.out.println("  ETCDCTL_API=3 etcdctl --endpoints=" + urls + " get --prefix ''");
    }

    private OwnEtcd start() {
        boolean plain = members == 1 && data == null;
        if (embedded || (plain && !OwnEtcd.hasReal())) {
            EmbeddedEtcd.Options options = EmbeddedEtcd.with();
            return OwnEtcd.embedded(port == 0 ? options : options.port(port));
        }
        EtcdOptions options = EtcdProcess.with().members(members);
        if (port != 0) {
            options.clientPort(port);
        }
        if (data != null) {
            options.data(data);
        }
        return OwnEtcd.real(options);
    }

    private void validate() {
        refuse(members < 1 || members > 7, "members: '" + members + "' will not do; choose 1 to 7");
        refuse(port < 0 || port > 65_535, "port: '" + port + "' will not do; choose one of 0..65535");
        refuse(
                embedded && members != 1,
                "members: '" + members + "' will not do with embedded, which is one process; leave one of them out");
        refuse(
                embedded && data != null,
                "data-dir: '" + data + "' will not do with embedded, which keeps nothing; leave one of them out");
    }

    private static void refuse(boolean wrong, String message) {
        if (wrong) {
            throw new UsageException(message);
        }
    }
}
