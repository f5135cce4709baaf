package io.alphorn.compiler.ops;

import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.linalg.Matrix;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Functions of matrices in Java, over tensors whose last two axes are matrices and whose other axes
 * are broadcast together.
 */
final class MatrixBatch {
  /**
   * What a function gives.
   *
   * @param shape without the batch: of a matrix, a vector or a number
   */
  record Output(DType dtype, Shape shape) {}

  private MatrixBatch() {}

  /**
   * Adds a function that is applied to each matrix of the batch. It gives one matrix for each
   * output, whatever its rank; the elements of a complex one are pairs of columns.
   */
  static List<Value> apply(
      GraphBuilder g,
      String name,
      List<Value> inputs,
      List<Output> outputs,
      Function<List<Matrix>, List<Matrix>> function) {
    Shape batch = Shape.SCALAR;
    for (Value input : inputs) {
      batch = g.broadcast(batch, input.shape().subShape(0, input.rank() - 2));
    }
    Shape leading = batch;
    return g.host(
        name,
        inputs,
        outputs.stream().map(Output::dtype).toList(),
        outputs.stream().map(output -> leading.concat(output.shape())).toList(),
        tensors -> new Run(tensors, outputs).run(function));
  }

  /** One run over a batch. */
  private static final class Run {
    private final List<Tensor> inputs;
    private final List<double[]> elements;
    private final List<Output> outputs;
    private final long[] batch;

    Run(List<Tensor> inputs, List<Output> outputs) {
      this.inputs = inputs;
      this.elements = inputs.stream().map(HostTensors::reals).toList();
      this.outputs = outputs;
      int rank = inputs.stream().mapToInt(Tensor::rank).max().orElse(2) - 2;
      this.batch = new long[rank];
      Arrays.fill(batch, 1);
      for (Tensor input : inputs) {
        for (int i = 0; i < input.rank() - 2; i++) {
          int axis = rank - (input.rank() - 2) + i;
          batch[axis] = input.shape()[i] == 1 ? batch[axis] : input.shape()[i];
        }
      }
    }

    List<Tensor> run(Function<List<Matrix>, List<Matrix>> function) {
      int count = Math.toIntExact(Tensor.elements(batch));
      List<List<Matrix>> results = new ArrayList<>();
      for (int index = 0; index < count; index++) {
        List<Matrix> arguments = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
          arguments.add(matrix(i, index));
        }
        results.add(function.apply(arguments));
      }
      List<Tensor> tensors = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        int output = i;
        tensors.add(tensor(outputs.get(i), results.stream().map(all -> all.get(output)).toList()));
      }
      return tensors;
    }

    private Matrix matrix(int input, int index) {
      long[] shape = inputs.get(input).shape();
      int rows = Math.toIntExact(shape[shape.length - 2]);
      int columns = Math.toIntExact(shape[shape.length - 1]);
      int from = source(shape, index) * rows * columns;
      return new Matrix(
          rows, columns, Arrays.copyOfRange(elements.get(input), from, from + rows * columns));
    }

    /** Which matrix of an input meets the others at {@code index} of the batch. */
    private int source(long[] shape, int index) {
      int rest = index;
      int source = 0;
      int stride = 1;
      for (int axis = batch.length - 1; axis >= 0; axis--) {
        int coordinate = rest % (int) batch[axis];
        rest /= (int) batch[axis];
        int own = axis - (batch.length - (shape.length - 2));
        if (own >= 0) {
          source += shape[own] == 1 ? 0 : coordinate * stride;
          stride *= (int) shape[own];
        }
      }
      return source;
    }

    private Tensor tensor(Output output, List<Matrix> matrices) {
      long[] tail = tail(output, matrices);
      long[] shape = Arrays.copyOf(batch, batch.length + tail.length);
      System.arraycopy(tail, 0, shape, batch.length, tail.length);
      double[] all =
          matrices.stream().flatMapToDouble(matrix -> Arrays.stream(matrix.elements())).toArray();
      return number(output.dtype(), shape, all);
    }

    private static Tensor number(DType dtype, long[] shape, double[] values) {
      if (dtype.isFloating()) {
        return HostTensors.ofReals(dtype, shape, values);
      }
      if (dtype.isComplex()) {
        return pairs(dtype, shape, values);
      }
      long[] whole = Arrays.stream(values).mapToLong(value -> (long) value).toArray();
      return HostTensors.ofIntegers(dtype, shape, whole);
    }

    private static Tensor pairs(DType dtype, long[] shape, double[] values) {
      ByteBuffer bytes = Tensor.allocate(dtype, shape);
      for (double value : values) {
        if (dtype == DType.COMPLEX64) {
          bytes.putFloat((float) value);
        } else {
          bytes.putDouble(value);
        }
      }
      return Tensor.of(dtype, shape, bytes.flip());
    }

    private static long[] tail(Output output, List<Matrix> matrices) {
      if (matrices.isEmpty()) {
        return Arrays.stream(output.shape().sizes()).map(size -> Math.max(0, size)).toArray();
      }
      Matrix first = matrices.getFirst();
      int pair = output.dtype().isComplex() ? 2 : 1;
      return switch (output.shape().rank()) {
        case 0 -> new long[0];
        case 1 -> new long[] {first.elements().length / pair};
        default -> new long[] {first.rows(), first.columns() / pair};
      };
    }
  }
}
