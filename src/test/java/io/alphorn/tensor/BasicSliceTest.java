package io.alphorn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expectations are NumPy's for {@code numpy.arange(24).reshape(2, 3, 4)[SLICE]}. */
class BasicSliceTest {
  private static final Tensor CUBE =
      Tensor.ofInts(new long[] {2, 3, 4}, IntStream.range(0, 24).toArray());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 3 4 | 12 13 14 15 16 17 18 19 20 21 22 23",
        "-1, -1, -1 | '' | 23",
        "0:1, :, 3 | 1 3 | 3 7 11",
        ":, 1:2 | 2 1 4 | 4 5 6 7 16 17 18 19",
        "..., 0 | 2 3 | 0 4 8 12 16 20",
        "0, ..., ::2 | 3 2 | 0 2 4 6 8 10",
        "0, ::-1, 0 | 3 | 8 4 0",
        "0, 0, ::-2 | 2 | 3 1",
        "0, 0, -2:100 | 2 | 2 3",
        "0, 0, 2:-3:-1 | 1 | 2",
        "0, 0, 100:0:-1 | 3 | 3 2 1",
        "0, 0, 3:1 | 0 | ''",
        "0, None, 0, 1:3 | 1 2 | 1 2",
        "0, 0, :-100:-1 | 4 | 3 2 1 0",
        "... | 2 3 4 | 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23",
      })
  void choosesWhatNumPyChooses(String slice, String shape, String elements) {
    Tensor chosen = BasicSlice.parse(slice).apply(CUBE);
    assertThat(chosen.shape()).containsExactly(longs(shape));
    IntBuffer ints = chosen.bytes().asIntBuffer();
    long[] found = IntStream.generate(ints::get).limit(ints.remaining()).asLongStream().toArray();
    assertThat(found).containsExactly(longs(elements));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | slice '2': index 2 is out of bounds for axis 0 of size 2",
        "0, -4 | slice '0, -4': index -4 is out of bounds for axis 1 of size 3",
        "0, 0, 0, 0 | slice '0, 0, 0, 0': 4 axes are indexed, but the shape is [2, 3, 4]",
        "0:1:0 | slice '0:1:0': the step of a slice must not be 0",
        "x | slice 'x': 'x' is none of an integer, start:stop:step, ... and None",
        "'0,' | slice '0,': '' is none of an integer, start:stop:step, ... and None",
        "..., ... | slice '..., ...': only one ... is possible",
      })
  void refusesWhatNumPyRefuses(String slice, String message) {
    assertThatThrownBy(() -> BasicSlice.parse(slice).apply(CUBE)).hasMessage(message);
  }

  @Test
  void slicesAnEmptyAxis() {
    Tensor empty = Tensor.ofInts(new long[] {0, 2});
    assertThat(BasicSlice.parse("::-1, 0").apply(empty).shape()).containsExactly(0);
  }

  private static long[] longs(String text) {
    return Arrays.stream(text.split(" "))
        .filter(number -> !number.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
