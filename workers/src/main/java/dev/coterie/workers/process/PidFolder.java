package dev.coterie.workers.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder with a file for each process of a supervisor: {@code supervisor.<pid>.pid} and {@code worker.<pid>.pid}. A
 * file has two lines: when the process was started, in milliseconds since 1970, so that a process that got the same
 * number later is not taken for it; and its name. Any thread, one at a time.
 */
public final class PidFolder {

    private static final String SUPERVISOR = "supervisor";
    private static final String WORKER = "worker";
    private static final String SUFFIX = ".pid";

    /** Locked while a supervisor looks whether the folder is free and takes it; stays there, and is empty. */
    private static final String LOCK = "lock";

    private final Path folder;

    /** The folder, which may not be there yet. */
    public PidFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * A process as the folder has it.
     *
     * @param handle empty if it does not run any more
     */
    public record Entry(Path file, long pid, String name, Optional<ProcessHandle> handle) {}

    /**
     * Takes the folder for this process: makes it, removes what earlier supervisors left behind, and writes its file. Of
     * several that try at the same time, one gets it.
     *
     * @throws IOException also if another supervisor has it, or something of an earlier one still runs
     */
    public void take(String name) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException failure) {
            throw new IOException("pids: '" + folder + "' cannot be made; choose another folder", failure);
        }
        // A file's lock is its process's, so it says nothing among the threads of one.
        synchronized (PidFolder.class) {
            try (FileChannel file = FileChannel.open(
                            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = file.tryLock()) {
                if (lock == null) {
                    throw new IOException(
                            "pids: '" + folder + "' is just being taken by another supervisor; choose another folder");
                }
                takeAlone(name);
            }
        }
    }

    private void takeAlone(String name) throws IOException {
        for (Entry entry : entries()) {
            if (entry.handle().isPresent()) {
                throw new IOException("pids: '" + folder + "' belongs to " + entry.name() + " (process " + entry.pid()
                        + "), which runs; end it or choose another folder");
            }
            Files.deleteIfExists(entry.file());
        }
        write(SUPERVISOR, ProcessHandle.current(), name);
    }

    /** Writes the file of a worker; does nothing if it has ended already. */
    public void add(long worker, String name) throws IOException {
        Optional<ProcessHandle> handle = ProcessHandle.of(worker);
        if (handle.isPresent()) {
            write(WORKER, handle.get(), name);
        }
    }

    /** Removes the file of a worker. */
    public void remove(long worker) throws IOException {
        Files.deleteIfExists(folder.resolve(WORKER + "." + worker + SUFFIX));
    }

    /** Removes the file of this process. */
    public void leave() throws IOException {
        Files.deleteIfExists(
                folder.resolve(SUPERVISOR + "." + ProcessHandle.current().pid() + SUFFIX));
    }

    /** The supervisor whose folder it is; empty if there is none that runs. */
    public Optional<Entry> supervisor() throws IOException {
        return entries(SUPERVISOR).stream()
                .filter(entry -> entry.handle().isPresent())
                .findFirst();
    }

    /** The workers, by process id, also those that do not run any more. */
    public List<Entry> workers() throws IOException {
        return entries(WORKER);
    }

    /** Removes the files of all processes that do not run any more. */
    public void tidy() throws IOException {
        for (Entry entry : entries()) {
            if (entry.handle().isEmpty()) {
                Files.deleteIfExists(entry.file());
            }
        }
    }

    private List<Entry> entries() throws IOException {
        List<Entry> all = new ArrayList<>(entries(SUPERVISOR));
        all.addAll(entries(WORKER));
        return all;
    }

    private List<Entry> entries(String role) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("pids: '" + folder + "' is not a folder; name the one that the supervisor was given");
        }
        List<Entry> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.matches(role + "\\.[0-9]{1,10}\\.pid")) {
                    String pid = name.substring(role.length() + 1, name.length() - SUFFIX.length());
                    read(file, Long.parseLong(pid)).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    /** Empty if it was deleted just now. */
    private static Optional<Entry> read(Path file, long pid) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (java.nio.file.NoSuchFileException gone) {
            return Optional.empty();
        }
        String started = lines.isEmpty() ? "" : lines.get(0);
        String name = lines.size() < 2 ? "a process" : lines.get(1);
        Optional<ProcessHandle> handle =
                ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(one -> started.equals(started(one)));
        return Optional.of(new Entry(file, pid, name, handle));
    }

    private void write(String role, ProcessHandle process, String name) throws IOException {
        Path file = folder.resolve(role + "." + process.pid() + SUFFIX);
        Path whole = folder.resolve(file.getFileName() + ".new");
        Files.writeString(whole, started(process) + "\n" + name + "\n");
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String started(ProcessHandle process) {
        return Long.toString(
                process.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
    }
}
