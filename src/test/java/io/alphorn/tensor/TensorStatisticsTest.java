package io.alphorn.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TensorStatisticsTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  @Test
  void describesTheFiniteElements() {
    Tensor tensor = Tensor.ofFloats(new long[] {7}, 1, 2, 3, 6, Float.NaN, INFINITY, -INFINITY);
    assertThat(TensorStatistics.of(tensor))
        .isEqualTo(new TensorStatistics(7, 1, 6, 3, Math.sqrt(3.5), 1, 1, 1));
  }

  @Test
  void keepsTheDigitsOfSmallSpreadsAroundLargeMeans() {
    Tensor tensor = Tensor.ofDoubles(new long[] {4}, 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16);
    TensorStatistics statistics = TensorStatistics.of(tensor);
    assertThat(statistics.mean()).isEqualTo(1e9 + 10);
    assertThat(statistics.standardDeviation()).isEqualTo(Math.sqrt(22.5));
  }

  @Test
  void hasNoMeanWithoutElements() {
    assertThat(TensorStatistics.of(Tensor.ofFloats(new long[] {0})).mean()).isNaN();
  }

  @Test
  void tellsHowFarTwoTensorsLieApart() {
    long[] shape = {5};
    Tensor one = Tensor.ofFloats(shape, 1, 2, 3, Float.NaN, Float.NaN);
    Tensor other = Tensor.ofFloats(shape, 1, 4, 2, Float.NaN, 0);
    assertThat(TensorDifference.between(one, other)).isEqualTo(new TensorDifference(3, 2, 0.75, 1));
    assertThat(TensorDifference.between(one, one).changed()).isZero();
  }
}
