/** The command line: one picocli command per file, and the way from an error to an exit code. */
@NullMarked
package io.alphorn.cli;

import org.jspecify.annotations.NullMarked;
