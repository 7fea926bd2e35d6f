/**
 * What an etcd does, without the network, the disk and the clock: {@link dev.coterie.etcd.state.EtcdState} is a
 * single-threaded state machine to which requests and the time are passed in.
 */
@NullMarked
package dev.coterie.etcd.state;

import org.jspecify.annotations.NullMarked;
