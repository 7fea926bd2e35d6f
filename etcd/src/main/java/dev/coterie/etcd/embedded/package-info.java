/**
 * An etcd inside the JVM: {@link dev.coterie.etcd.embedded.EmbeddedEtcd} puts etcd's own gRPC services around
 * {@link dev.coterie.etcd.state.EtcdState}, so that every client of etcd can use it.
 */
@NullMarked
package dev.coterie.etcd.embedded;

import org.jspecify.annotations.NullMarked;
