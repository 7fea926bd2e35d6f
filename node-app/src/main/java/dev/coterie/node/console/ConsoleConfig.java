package dev.coterie.node.console;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/**
 * Where the console answers, and to whom.
 *
 * @param address on which it listens
 * @param port on which it listens; 0 for any free one
 * @param fallback whether any free port will do if that one is taken
 * @param token what whoever asks has to show; none only on a loopback address
 * @param write whether keys may be written and workers switched, too
 * @param monitors where supervisors' monitors answer
 */
public record ConsoleConfig(
        String address, int port, boolean fallback, Optional<String> token, boolean write, List<URI> monitors) {

    /** On any free port of this machine, for this machine alone. */
    public static final ConsoleConfig LOCAL =
            new ConsoleConfig("127.0.0.1", 0, false, Optional.empty(), false, List.of());

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException names the field, the value and the remedy
     */
    public ConsoleConfig {
        monitors = List.copyOf(monitors);
        if (token.isEmpty() && !isLoopback(address)) {
            throw new IllegalArgumentException("console-address: '" + address + "' can be reached from elsewhere; name"
                    + " a file with a token by console-token-file, or choose 127.0.0.1");
        }
    }

    private static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            throw new IllegalArgumentException(
                    "console-address: '" + address + "' is no address; write one of this machine's", unknown);
        }
    }

    /** The same where {@code write} is as said. */
    public ConsoleConfig withWrite(boolean nowWrite) {
        return new ConsoleConfig(address, port, fallback, token, nowWrite, monitors);
    }
}
