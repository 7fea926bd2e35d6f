package dev.coterie.node.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The second JVM, as the first one holds it. */
final class EchoProcess implements AutoCloseable {

    private final Process process;
    private final int linkPort;
    private final int socketPort;

    private EchoProcess(Process process, int linkPort, int socketPort) {
        this.process = process;
        this.linkPort = linkPort;
        this.socketPort = socketPort;
    }

    /** Starts it; it links back to the port given. */
    static EchoProcess start(int backPort) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EchoMain.class.getName(),
                        Integer.toString(backPort))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader says = process.inputReader();
        String ports = says.readLine();
        if (ports == null) {
            process.destroyForcibly();
            throw new IOException("the second JVM ended before it listened");
        }
        String[] linkAndSocket = ports.split(" ", -1);
        return new EchoProcess(process, Integer.parseInt(linkAndSocket[0]), Integer.parseInt(linkAndSocket[1]));
    }

    int linkPort() {
        return linkPort;
    }

    int socketPort() {
        return socketPort;
    }

    /** It ends when its standard input does, so it goes with this process too, however that ends. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
