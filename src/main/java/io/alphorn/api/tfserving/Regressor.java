package io.alphorn.api.tfserving;

import io.alphorn.api.codec.TensorProtoCodec;
import io.alphorn.api.tfserving.proto.RegressionResult;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * An endpoint whose only output is one float for each example, by the rules and messages of
 * TensorFlow Serving's {@code regressor.cc}; the output's name is free here.
 */
final class Regressor {
  private Regressor() {}

  /**
   * Looks whether an endpoint is one.
   *
   * @throws AlphornException INVALID_ARGUMENT when it has more outputs
   */
  static void requireFitting(CompiledEndpoint endpoint) {
    if (endpoint.outputs().size() != 1) {
      throw AlphornException.invalidArgument("Expected one output Tensor.");
    }
  }

  /** The number of each example. */
  static RegressionResult result(List<Tensor> outputs, int examples) {
    Tensor output = outputs.getFirst();
    long[] shape = output.shape();
    if (shape.length != 1 && !(shape.length == 2 && shape[1] == 1)) {
      throw AlphornException.invalidArgument(
          "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got %s",
          Shapes.text(output));
    }
    if (shape[0] != examples) {
      throw AlphornException.invalidArgument(
          "Input batch size did not match output batch size: %d vs. %d", examples, shape[0]);
    }
    if (output.dtype() != DType.FLOAT32) {
      throw AlphornException.invalidArgument(
          "Expected output Tensor of DT_FLOAT.  Got: %s",
          TensorProtoCodec.dataType(output.dtype()));
    }
    RegressionResult.Builder result = RegressionResult.newBuilder();
    for (int i = 0; i < examples; i++) {
      result.addRegressionsBuilder().setValue(output.bytes().getFloat(i * Float.BYTES));
    }
    return result.build();
  }
}
