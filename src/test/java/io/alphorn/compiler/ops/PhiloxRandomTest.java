package io.alphorn.compiler.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Against {@code tf.random.stateless_normal(shape, seed=[7, 0])} of TensorFlow 2.21 on a CPU. */
class PhiloxRandomTest {
  private static final Offset<Double> ROUNDING = within(1e-6);

  @Test
  void drawsTheFloatsOfTensorFlow() {
    double[] expected = {-0.67417276, -0.35869256, -1.8795817, -1.4728931, -2.0062537, -1.1334324};

    assertThat(PhiloxRandom.ofSeed(7).normalFloats(6)).containsExactly(expected, ROUNDING);
  }

  @Test
  void drawsTheDoublesOfTensorFlow() {
    double[] expected = {0.05111745, -0.21137949, -0.87408102, -0.6219496, 0.92276874, 0.48116369};

    assertThat(PhiloxRandom.ofSeed(7).normalDoubles(6)).containsExactly(expected, ROUNDING);
  }

  @Test
  void leavesOutHalfOfAPairWhereTheCountIsOdd() {
    assertThat(PhiloxRandom.ofSeed(7).normalFloats(3))
        .containsExactly(new double[] {-0.67417276, -0.35869256, -1.8795817}, ROUNDING);
  }
}
