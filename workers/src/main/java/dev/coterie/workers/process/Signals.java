package dev.coterie.workers.process;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals to this process. The JDK's class for them is there on all common JVMs but not part of the standard, so it is
 * looked up; where it is missing, signals do what they do by default.
 */
public final class Signals {

    private static final Logger log = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /**
     * Handles a signal from now on.
     *
     * @param name without SIG, such as TERM
     * @param handler called on a thread of its own
     * @return false if the signal does not reach this process, because it was started so that it ignores it, as with
     *     {@code nohup}: the JVM leaves that as it is
     */
    public static boolean handle(String name, Runnable handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            InvocationHandler call = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    handler.run();
                    yield null;
                }
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> arguments != null && proxy == arguments[0];
                default -> "handler of SIG" + name;
            };
            Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, call);
            Object before = signal.getMethod("handle", signal, type)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return before != type.getField("SIG_IGN").get(null);
        } catch (ReflectiveOperationException notHere) {
            log.warn("SIG{} cannot be handled on this JVM: {}", name, notHere.toString());
            return false;
        }
    }
}
