/** What went wrong: one exception, one enum of codes, one table from code to status. */
@NullMarked
package io.alphorn.error;

import org.jspecify.annotations.NullMarked;
