package dev.coterie.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.coterie.node.output.LogForm;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The library's log on standard error: warnings, each in one line, until somebody wants more. Found by logback as a
 * service, which is faster than a file it would have to look for and parse.
 */
public final class Logging extends ContextAwareBase implements Configurator {

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        write(context, LogForm.TEXT, false);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Says it in another way from now on, or more. */
    static void set(LogForm form, boolean verbose) {
        boolean usual = form == LogForm.TEXT && !verbose;
        if (!usual && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            write(context, form, verbose);
        }
    }

    private static void write(LoggerContext context, LogForm form, boolean verbose) {
        LogEncoder encoder = new LogEncoder(form == LogForm.JSON, verbose);
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        root.setLevel(verbose ? Level.INFO : Level.WARN);
        context.getLogger("dev.coterie").setLevel(verbose ? Level.DEBUG : Level.WARN);
    }
}
