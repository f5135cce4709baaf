/**
 * What users say of a model beside its archive: named endpoints and variable collections, as they
 * stand in {@code endpoints.json}.
 */
@NullMarked
package io.alphorn.endpoint;

import org.jspecify.annotations.NullMarked;
