/** Sockets on an event loop: {@link dev.coterie.workers.io.SocketLoop}, {@link dev.coterie.workers.io.FrameSocket}. Level 0. */
@NullMarked
package dev.coterie.workers.io;

import org.jspecify.annotations.NullMarked;
