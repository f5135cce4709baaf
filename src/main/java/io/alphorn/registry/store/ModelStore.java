package io.alphorn.registry.store;

import io.alphorn.endpoint.EndpointDocument;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Where the versions of models lie. A version appears and goes whole: no reader ever sees a part of
 * one, whatever ends a writer. Versions do not change but for their endpoints; a model's settings
 * lie beside its versions.
 *
 * <p>Safe for use by many threads, and by several servers at once where the store is shared.
 */
public interface ModelStore {
  /** The names of all models that have a version. */
  SortedSet<String> models();

  /** The versions of a model; none of a model that is not there. */
  SortedSet<Long> versions(String model);

  /**
   * The files of a version that {@link #versions} has, on a local disk. A store that lies elsewhere
   * brings them to a cache first. What is gone by then shows as an empty folder.
   *
   * @throws AlphornException UNAVAILABLE when they cannot be brought here
   */
  VersionFolder folder(String model, long version);

  /** A text that changes when a file of the version comes, goes or is written to; cheap to get. */
  String fingerprint(String model, long version);

  /** Where new versions of a model are gathered before they are committed. */
  Staging staging(String model);

  /**
   * Makes what was staged a version of the store, durably and in one step; of two writers of one
   * version exactly one succeeds. The staged folder is the store's from then on.
   *
   * @throws AlphornException ALREADY_EXISTS when there is such a version; RESOURCE_EXHAUSTED when
   *     the store cannot be written to
   */
  void commit(VersionFolder staged, String model, long version);

  /**
   * Replaces the endpoints of a version, durably and in one step; empty ones take the document
   * away.
   *
   * @throws AlphornException RESOURCE_EXHAUSTED when the store cannot be written to
   */
  void putEndpoints(String model, long version, EndpointDocument endpoints);

  /**
   * Takes a version away in one step.
   *
   * @throws AlphornException RESOURCE_EXHAUSTED when the store cannot be written to
   */
  void delete(String model, long version);

  /** The settings document of a model, if it has one. */
  Optional<byte[]> settings(String model);

  /**
   * Replaces the settings document of a model, durably and in one step.
   *
   * @throws AlphornException RESOURCE_EXHAUSTED when the store cannot be written to
   */
  void putSettings(String model, byte[] settings);

  /**
   * Takes the settings document of a model away, if it has one.
   *
   * @throws AlphornException RESOURCE_EXHAUSTED when the store cannot be written to
   */
  void deleteSettings(String model);

  /** What {@link #commit} throws for a version that is there. */
  static AlphornException alreadyExists(String model, long version) {
    return new AlphornException(
        ErrorCode.ALREADY_EXISTS,
        "version %d of model %s exists already".formatted(version, model));
  }
}
