/** Programs that use the library as anybody would. */
@NullMarked
package example;

import org.jspecify.annotations.NullMarked;
