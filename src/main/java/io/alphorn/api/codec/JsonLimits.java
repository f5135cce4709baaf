package io.alphorn.api.codec;

/**
 * Bounds on the JSON of a request.
 *
 * @param maxDepth how deep arrays and objects may be nested
 * @param maxElements how many elements one tensor may have
 */
public record JsonLimits(int maxDepth, long maxElements) {}
