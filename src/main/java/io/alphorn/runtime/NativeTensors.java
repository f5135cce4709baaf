package io.alphorn.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.alphorn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The native handles that one run makes for tensors in Java's hands; closed with the run. */
final class NativeTensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final List<OnnxTensor> made = new ArrayList<>();

  NativeTensors(OrtEnvironment environment) {
    this.environment = environment;
  }

  /** A handle on {@code tensor}; numbers in direct buffers are not copied. */
  OnnxTensor of(Tensor tensor) throws OrtException {
    OnnxTensor handle = TensorTransfer.toOnnx(environment, tensor);
    made.add(handle);
    return handle;
  }

  @Override
  public void close() {
    made.forEach(OnnxTensor::close);
  }
}
