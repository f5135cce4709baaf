/** What users set of a model: which versions it serves, and which of them answers. */
@NullMarked
package io.alphorn.registry.policy;

import org.jspecify.annotations.NullMarked;
