/**
 * The console: a page about the cluster, the same facts as JSON below {@code /api}, and the HTTP server behind both. On
 * every node. {@code WebServer} knows HTTP and who may ask; what it answers is added to it by path.
 */
@NullMarked
package dev.coterie.node.console;

import org.jspecify.annotations.NullMarked;
