package io.alphorn.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoadedModelTest {
  private static final Shape PAIRS = Shape.of(Graphs.BATCH, Dim.of(2));

  private static void fails(ErrorCode code, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(AlphornException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private static CompiledModel doubling(DType dtype, Shape shape) {
    return Graphs.of(dtype, shape, (g, x) -> g.add(x, x));
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.bytes().asFloatBuffer().get(values);
    return values;
  }

  @Test
  void outputsAreWrittenWhereTheyWereAskedFor() {
    List<ByteBuffer> given = new ArrayList<>();
    BufferSource memory =
        bytes -> {
          given.add(BufferSource.FRESH.allocate(bytes));
          return given.getLast();
        };
    try (LoadedModel model = new LoadedModel(doubling(DType.FLOAT32, PAIRS))) {
      Tensor x = Tensor.ofFloats(new long[] {3, 2}, 1, 2, 3, 4, 5, 6);

      List<Tensor> outputs = model.run(List.of(x), memory, Cancellation.create());

      assertThat(floats(outputs.getFirst())).containsExactly(2, 4, 6, 8, 10, 12);
      assertThat(given).hasSize(1);
      assertThat(given.getFirst().getFloat(0)).isEqualTo(2);
    }
  }

  @Test
  void sizesThatOnlyTheRunTellsAreTakenFromIt() {
    CompiledModel nonZero =
        Graphs.of(
            DType.FLOAT32,
            Shape.of(Graphs.BATCH),
            (g, x) ->
                g.emit(
                    "NonZero",
                    Map.of(),
                    List.of(x),
                    DType.INT64,
                    Shape.of(Dim.of(1), g.freshDim())));
    try (LoadedModel model = new LoadedModel(nonZero)) {
      Tensor indices = model.run(List.of(Tensor.ofFloats(new long[] {4}, 0, 1, 0, 2))).getFirst();

      assertThat(indices.shape()).containsExactly(1, 2);
      assertThat(indices.bytes().getLong(8)).isEqualTo(3);
    }
  }

  @Test
  void aShapeThatWasDeclaredWronglyCostsACopyAndNoMore() {
    CompiledModel wrong =
        Graphs.of(
            DType.FLOAT32,
            PAIRS,
            (g, x) -> g.emit("Flatten", Map.of(), List.of(x), DType.FLOAT32, Shape.of(5)));
    try (LoadedModel model = new LoadedModel(wrong)) {
      for (int i = 0; i < 2; i++) {
        Tensor y = model.run(List.of(Tensor.ofFloats(new long[] {1, 2}, 1, 2))).getFirst();
        assertThat(y.shape()).containsExactly(1, 2);
        assertThat(floats(y)).containsExactly(1, 2);
      }
    }
  }

  @Test
  void anEmptyBatchHasAnEmptyAnswer() {
    try (LoadedModel model = new LoadedModel(doubling(DType.FLOAT32, PAIRS))) {
      Tensor y = model.run(List.of(Tensor.ofFloats(new long[] {0, 2}))).getFirst();

      assertThat(y.shape()).containsExactly(0, 2);
    }
  }

  @Test
  void scalarsGoInAndOut() {
    try (LoadedModel model = new LoadedModel(doubling(DType.FLOAT32, Shape.SCALAR))) {
      Tensor y = model.run(List.of(Tensor.ofFloats(new long[0], 4))).getFirst();

      assertThat(y.shape()).isEmpty();
      assertThat(floats(y)).containsExactly(8);
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"STRING", "COMPLEX64", "COMPLEX128"},
      mode = EnumSource.Mode.EXCLUDE)
  void everyTypeKeepsItsBits(DType dtype) {
    CompiledModel identity =
        Graphs.of(dtype, Shape.of(Graphs.BATCH), (g, x) -> g.unary("Identity", x));
    ByteBuffer bytes = Tensor.allocate(dtype, 3);
    for (int i = 0; i < bytes.capacity(); i++) {
      bytes.put(i, (byte) (dtype == DType.BOOL ? i % 2 : 0xF8 - i));
    }
    try (LoadedModel model = new LoadedModel(identity)) {
      Tensor y = model.run(List.of(Tensor.of(dtype, new long[] {3}, bytes))).getFirst();

      assertThat(y.dtype()).isEqualTo(dtype);
      assertThat(y.bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void stringsPassUnchanged() {
    CompiledModel identity =
        Graphs.of(DType.STRING, Shape.of(Graphs.BATCH), (g, x) -> g.unary("Identity", x));
    List<String> texts = List.of("", "ä\u0000b", "\uD83D\uDE00");
    try (LoadedModel model = new LoadedModel(identity)) {
      Tensor x = Tensor.ofStrings(new long[] {3}, texts);

      assertThat(model.run(List.of(x)).getFirst().strings()).isDeepEqualTo(x.strings());
      assertThat(model.run(List.of(Tensor.ofStrings(new long[] {0}, List.of()))).getFirst().shape())
          .containsExactly(0);

      Tensor noText = Tensor.ofStrings(new long[] {2}, new byte[][] {{'a'}, {(byte) 0xFF}});
      fails(ErrorCode.INVALID_ARGUMENT, "string 1 is not UTF-8", () -> model.run(List.of(noText)));
    }
  }

  @Test
  void inputsAreHeldAgainstTheSignature() {
    GraphBuilder g = new GraphBuilder();
    Value a = g.input("a", DType.FLOAT32, PAIRS);
    Value b = g.input("b", DType.FLOAT32, PAIRS);
    try (LoadedModel model = new LoadedModel(Graphs.model(g.build(List.of(g.add(a, b)))))) {
      Tensor one = Tensor.ofFloats(new long[] {1, 2}, 1, 2);
      fails(
          ErrorCode.INVALID_ARGUMENT,
          "expected 2 inputs [a, b], received 1",
          () -> model.run(List.of(one)));
      fails(
          ErrorCode.INVALID_ARGUMENT,
          "input 'b': expected float32[batch, 2], received int32[1, 2]",
          () -> model.run(List.of(one, Tensor.ofInts(new long[] {1, 2}, 1, 2))));
      fails(
          ErrorCode.INVALID_ARGUMENT,
          "input 'a': expected float32[batch, 2], received float32[2]",
          () -> model.run(List.of(one.reshape(2), one)));
      fails(
          ErrorCode.INVALID_ARGUMENT,
          "input 'a': expected float32[batch, 2], received float32[1, 3]: dimension 1 must be 2",
          () -> model.run(List.of(Tensor.ofFloats(new long[] {1, 3}, 1, 2, 3), one)));
      fails(
          ErrorCode.INVALID_ARGUMENT,
          "received float32[2, 2]: dimension 0 (batch) must be 1, as it is in input 'a'",
          () -> model.run(List.of(one, Tensor.ofFloats(new long[] {2, 2}, 1, 2, 3, 4))));
    }
  }

  @Test
  void valuesThatAnOperatorRefusesAreTheClientsFault() {
    CompiledModel lookup =
        Graphs.of(
            DType.INT64,
            Shape.of(Graphs.BATCH),
            (g, x) -> g.gather(g.constant(Tensor.ofFloats(new long[] {2}, 1, 2)), x, 0));
    try (LoadedModel model = new LoadedModel(lookup)) {
      fails(
          ErrorCode.INVALID_ARGUMENT,
          "Gather at",
          () -> model.run(List.of(Tensor.ofLongs(new long[] {1}, 7))));
      assertThatThrownBy(() -> model.run(List.of(Tensor.ofLongs(new long[] {1}, 7))))
          .message()
          .doesNotContain("onnxruntime");
    }
  }

  @Test
  void memoryThatIsNotThereIsNamedSo() {
    CompiledModel huge =
        Graphs.of(
            DType.INT64,
            Shape.of(Dim.of(1)),
            (g, x) -> {
              Value large =
                  g.emit("Expand", Map.of(), List.of(x, x), DType.INT64, Shape.of(g.freshDim()));
              return g.emit(
                  "ReduceSum",
                  Map.of("keepdims", io.alphorn.compiler.graph.Attribute.of(0)),
                  List.of(large),
                  DType.INT64,
                  Shape.SCALAR);
            });
    try (LoadedModel model = new LoadedModel(huge)) {
      fails(
          ErrorCode.RESOURCE_EXHAUSTED,
          "",
          () -> model.run(List.of(Tensor.ofLongs(new long[] {1}, 1L << 45))));
    }
  }

  /** Some seconds of work in small steps. */
  private static CompiledModel slow() {
    return Graphs.of(
        DType.FLOAT32,
        Shape.of(600, 600),
        (g, x) -> {
          Value y = x;
          for (int i = 0; i < 300; i++) {
            y = g.matMul(y, x);
          }
          return y;
        });
  }

  @Test
  void aRunEndsAtItsDeadline() {
    try (LoadedModel model = new LoadedModel(slow())) {
      Tensor x = Tensor.ofFloats(new long[] {600, 600}, new float[360_000]);

      fails(
          ErrorCode.DEADLINE_EXCEEDED,
          "limit of 50 ms",
          () ->
              model.run(List.of(x), BufferSource.FRESH, Cancellation.after(Duration.ofMillis(50))));
      fails(
          ErrorCode.DEADLINE_EXCEEDED,
          "limit of 0 ms",
          () -> model.run(List.of(x), BufferSource.FRESH, Cancellation.after(Duration.ZERO)));
    }
  }

  @Test
  void aRunEndsWhenItsCallerGivesUp() throws Exception {
    Cancellation cancellation = Cancellation.create();
    try (LoadedModel model = new LoadedModel(slow());
        ExecutorService caller = Executors.newSingleThreadExecutor()) {
      CountDownLatch started = new CountDownLatch(1);
      Tensor x = Tensor.ofFloats(new long[] {600, 600}, new float[360_000]);
      BufferSource memory =
          bytes -> {
            started.countDown();
            return BufferSource.FRESH.allocate(bytes);
          };
      Future<List<Tensor>> run = caller.submit(() -> model.run(List.of(x), memory, cancellation));
      started.await();
      cancellation.cancel();

      assertThatThrownBy(run::get)
          .cause()
          .isInstanceOfSatisfying(
              AlphornException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
    }
  }

  /** Closing a session that runs would end this process. */
  @Test
  void aModelMayBeClosedWhileItRuns() throws Exception {
    for (int round = 0; round < 20; round++) {
      LoadedModel model = new LoadedModel(doubling(DType.FLOAT32, PAIRS));
      AtomicInteger answered = new AtomicInteger();
      CountDownLatch running = new CountDownLatch(4);
      try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
        List<Future<?>> done = new ArrayList<>();
        for (int client = 0; client < 4; client++) {
          done.add(clients.submit(() -> runUntilClosed(model, answered, running)));
        }
        running.await();
        model.close();
        model.close();
        for (Future<?> each : done) {
          each.get();
        }
      }
      assertThat(answered).hasPositiveValue();
    }
  }

  private static void runUntilClosed(
      LoadedModel model, AtomicInteger answered, CountDownLatch running) {
    Tensor x = Tensor.ofFloats(new long[] {1, 2}, 1, 2);
    try {
      while (true) {
        assertThat(floats(model.run(List.of(x)).getFirst())).containsExactly(2, 4);
        answered.incrementAndGet();
        running.countDown();
      }
    } catch (AlphornException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void aLeaseKeepsAClosedModelRunning() {
    LoadedModel model = new LoadedModel(doubling(DType.FLOAT32, PAIRS));
    assertThat(model.retain()).isTrue();
    model.close();

    assertThat(floats(model.run(List.of(Tensor.ofFloats(new long[] {1, 2}, 1, 2))).getFirst()))
        .containsExactly(2, 4);

    model.release();
    assertThat(model.retain()).isFalse();
    fails(
        ErrorCode.UNAVAILABLE,
        "unloaded",
        () -> model.run(List.of(Tensor.ofFloats(new long[] {1, 2}, 1, 2))));
  }

  @ParameterizedTest
  @EnumSource(RuntimeSettings.Weights.class)
  void weightsMayBeHeldEitherWay(RuntimeSettings.Weights weights) {
    CompiledModel product =
        Graphs.of(
            DType.FLOAT32,
            PAIRS,
            (g, x) -> g.matMul(x, g.constant(Tensor.ofFloats(new long[] {2, 2}, 1, 2, 3, 4))));
    try (LoadedModel model = new LoadedModel(product, new RuntimeSettings(2, weights))) {
      Tensor y = model.run(List.of(Tensor.ofFloats(new long[] {1, 2}, 1, 1))).getFirst();

      assertThat(floats(y)).containsExactly(4, 6);
    }
  }
}
