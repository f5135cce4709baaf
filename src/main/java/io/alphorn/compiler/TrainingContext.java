package io.alphorn.compiler;

import io.alphorn.endpoint.TrainingMode;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which calls train, as {@code keras.Layer.__call__} does: a model hands the argument that
 * it was called with to all its layers, whatever their calls in it say. A model that was called
 * without one leaves it to them; a layer that does not say either does what the layer called before
 * it did. That last rule follows a mistake: Keras means the layer around it. Not for use by several
 * threads.
 */
final class TrainingContext {
  private @Nullable Boolean given;
  private @Nullable Boolean latest;

  TrainingContext(TrainingMode mode) {
    given =
        switch (mode) {
          case INFERENCE -> false;
          case TRAINING -> true;
          case RECORDED -> null;
        };
  }

  /**
   * What a call is to do; null when nobody says, which layers take for no and models hand on.
   *
   * @param recorded what the call says itself
   * @param ownDefault what the signature of the layer says
   */
  @Nullable Boolean resolve(@Nullable Boolean recorded, @Nullable Boolean ownDefault) {
    if (given != null) {
      latest = given;
    } else if (recorded != null) {
      latest = recorded;
    } else if (ownDefault != null) {
      latest = ownDefault;
    }
    return latest;
  }

  /** Makes calls that are all given {@code value}, or are left to decide where it is null. */
  <T> T giving(@Nullable Boolean value, Supplier<T> body) {
    @Nullable Boolean outer = given;
    given = value;
    try {
      return body.get();
    } finally {
      given = outer;
    }
  }
}
