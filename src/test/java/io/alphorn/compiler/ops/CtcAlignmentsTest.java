package io.alphorn.compiler.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Against {@code keras.ops.ctc_loss} of Keras 3.15 with TensorFlow, for two steps and blank 0. */
class CtcAlignmentsTest {
  private static final double[][] STEPS = {logs(0.6, 0.3, 0.1), logs(0.2, 0.5, 0.3)};

  @Test
  void sumsTheAlignmentsOfATarget() {
    assertThat(loss(STEPS, 2, 1, 2)).isEqualTo(2.4079456, within(1e-5));
  }

  @Test
  void countsATargetWithoutAlignmentAsVeryUnlikely() {
    assertThat(loss(STEPS, 2, 1, 1)).isEqualTo(707.35565, within(1e-3));
  }

  @Test
  void takesAnEmptyTargetForBlanksAlone() {
    assertThat(loss(STEPS, 0, 1, 0)).isEqualTo(2.1202636, within(1e-5));
  }

  @Test
  void countsALabelInNoStepAsVeryUnlikely() {
    assertThat(loss(new double[0][], 1, 1, 0)).isEqualTo(706.8936, within(1e-3));
  }

  private static double loss(double[][] steps, int length, long... labels) {
    return CtcAlignments.loss(steps, labels, length, 0);
  }

  private static double[] logs(double... probabilities) {
    return Arrays.stream(probabilities).map(Math::log).toArray();
  }
}
