/** What is said on standard output: events, as JSON for programs and as lines for people. */
@NullMarked
package dev.coterie.node.output;

import org.jspecify.annotations.NullMarked;
