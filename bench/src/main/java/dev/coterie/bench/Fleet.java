package dev.coterie.bench;

import dev.coterie.bench.host.Processes;
import dev.coterie.bench.peer.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** One system at work: its server, its agents, and what they have said. Closing it ends them. */
final class Fleet implements AutoCloseable {

    private static final boolean KEEP = Boolean.getBoolean("bench.keep");

    private final String peerName;
    private final Map<String, String> options;
    private final Path dir;
    private final EventLog log;
    private final Server server;
    private final Map<String, AgentProcess> agents = new LinkedHashMap<>();

    /** Starts the server. */
    Fleet(String peerName, Map<String, String> options) throws Exception {
        this.peerName = peerName;
        this.options = Map.copyOf(options);
        this.log = new EventLog(peerName);
        this.dir = Files.createTempDirectory("bench-" + peerName.replaceAll(".*[.$]", "") + "-");
        boolean started = false;
        try {
            this.server = Peers.load(peerName).start(dir, options);
            started = true;
        } finally {
            if (!started) {
                discard();
            }
        }
    }

    String peerName() {
        return peerName;
    }

    Map<String, String> options() {
        return options;
    }

    Path dir() {
        return dir;
    }

    EventLog log() {
        return log;
    }

    Server server() {
        return server;
    }

    /** The agents that live, by name. */
    Map<String, AgentProcess> agents() {
        return agents;
    }

    /** An agent that lives. */
    AgentProcess agent(String name) {
        AgentProcess agent = agents.get(name);
        if (agent == null) {
            throw new IllegalStateException(peerName + ": there is no agent " + name);
        }
        return agent;
    }

    /** Starts an agent that hosts one connected node, called as the agent is. */
    AgentProcess start(String name) throws IOException, InterruptedException, TimeoutException {
        AgentProcess agent = startEmpty(name);
        agent.call("connect " + name, "CONNECTED", 60);
        return agent;
    }

    /** Starts an agent without a node. */
    AgentProcess startEmpty(String name) throws IOException, InterruptedException, TimeoutException {
        AgentProcess agent = new AgentProcess(this, name);
        agents.put(name, agent);
        log.await(0, event -> event.agent().equals(name) && event.is("UP"), 30_000, name + " up");
        return agent;
    }

    void kill(AgentProcess agent) {
        agent.kill();
        agents.remove(agent.name());
    }

    @Override
    public void close() {
        for (AgentProcess agent : List.copyOf(agents.values())) {
            kill(agent);
        }
        server.close();
        discard();
    }

    private void discard() {
        if (KEEP) {
            System.out.println("kept " + dir);
        } else {
            Processes.delete(dir);
        }
    }
}
