package io.alphorn.compiler.layers;

import io.alphorn.keras.Config;

/** How {@code keras.layers.RNN} runs its cell over a sequence. */
record RecurrenceSettings(
    boolean returnSequences,
    boolean returnState,
    boolean goBackwards,
    boolean unroll,
    boolean zeroOutputForMask) {
  /** The same for steps that are in the order in which they count. */
  RecurrenceSettings forwards() {
    return new RecurrenceSettings(returnSequences, returnState, false, unroll, zeroOutputForMask);
  }

  static RecurrenceSettings of(Config config) {
    return new RecurrenceSettings(
        config.bool("return_sequences", false),
        config.bool("return_state", false),
        config.bool("go_backwards", false),
        config.bool("unroll", false),
        config.bool("zero_output_for_mask", false));
  }
}
