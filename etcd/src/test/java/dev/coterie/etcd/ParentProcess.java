package dev.coterie.etcd;

import java.nio.file.Path;
import java.util.List;

/** A JVM that starts an etcd, says which, and waits to be killed. */
final class ParentProcess {

    private ParentProcess() {}

    /** Says the process id and the data folder. Pauses etcd first if there is an argument. */
    public static void main(String[] arguments) throws InterruptedException {
        EtcdProcess etcd = EtcdProcess.with().fastStorage().start();
        if (arguments.length > 0) {
            etcd.pause();
        }
        System.out.println(etcd.pid(0));
        System.out.println(etcd.data());
        Thread.currentThread().join();
    }

    static ProcessBuilder recipe(String... arguments) {
        ProcessBuilder recipe = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                ParentProcess.class.getName());
        recipe.command().addAll(List.of(arguments));
        return recipe.redirectError(ProcessBuilder.Redirect.INHERIT);
    }
}
