/** The demo: an etcd and some nodes as processes of their own, and an eye on what becomes of their tasks. */
@NullMarked
package dev.coterie.node.demo;

import org.jspecify.annotations.NullMarked;
