package dev.coterie.cluster.link;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread on which all I/O of a transport happens. Linux's epoll serves if Netty's native part is there. */
final class IoThread {

    private static final Logger log = LoggerFactory.getLogger(IoThread.class);
    private static final boolean EPOLL = Epoll.isAvailable();

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1,
            new DefaultThreadFactory("coterie-io", true),
            EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private final EventLoop loop = group.next();

    MultiThreadIoEventLoopGroup group() {
        return group;
    }

    Class<? extends SocketChannel> socket() {
        return EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    Class<? extends ServerChannel> serverSocket() {
        return EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    boolean isCurrent() {
        return loop.inEventLoop();
    }

    /**
     * Runs a task after those given before. Any thread.
     *
     * @return false if the thread has ended: the task is dropped
     */
    boolean execute(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException ended) {
            log.debug("The I/O thread has ended; a task was dropped");
            return false;
        }
    }

    /** Runs a task at once if this is the thread, else as {@link #execute}. */
    void runOrExecute(Runnable task) {
        if (isCurrent()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Runs a task later. On this thread. */
    Future<?> schedule(Duration delay, Runnable task) {
        return loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends the thread, waiting for that unless it is the caller. */
    void close(Duration patience) {
        Future<?> end = group.shutdownGracefully(0, patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!isCurrent()) {
            end.awaitUninterruptibly(patience.toMillis());
        }
    }
}
