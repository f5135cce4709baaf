package io.alphorn.api.openinference;

import io.alphorn.api.codec.InferenceSignature;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.ServedVersion.Lease;
import io.alphorn.runtime.BufferSource;
import io.alphorn.runtime.Cancellation;
import io.alphorn.tensor.Tensor;
import java.util.List;

/**
 * What a request is for: an endpoint of a version, which stays loaded until this is closed.
 *
 * @param name as the request gave it
 * @param endpoint "" for the default one
 */
record Target(String name, String endpoint, CompiledEndpoint compiled, Lease lease)
    implements AutoCloseable {
  ServedVersion version() {
    return lease.version();
  }

  List<TensorSpec> inputs() {
    return compiled.inputs();
  }

  List<TensorSpec> outputs() {
    return compiled.outputs();
  }

  InferenceSignature signature() {
    return new InferenceSignature(name, inputs(), outputs());
  }

  List<Tensor> run(List<Tensor> inputs, BufferSource memory, Cancellation cancellation) {
    return version().loaded().run(compiled, inputs, memory, cancellation);
  }

  @Override
  public void close() {
    lease.close();
  }
}
