package io.alphorn.api.codec;

/**
 * An output that a request asks for.
 *
 * @param index in the signature
 * @param binary whether it goes behind the JSON as raw bytes
 * @param classes how many of the greatest elements to name instead of all values; 0: the values
 */
public record RequestedOutput(int index, boolean binary, int classes) {
  private static final String CLASSIFICATION = "classification";
  private static final String BINARY = "binary_data";

  /** An output of a request in JSON. */
  static RequestedOutput of(
      InferenceSignature signature,
      String name,
      InferenceParameters parameters,
      boolean binaryByDefault) {
    parameters.refuseSharedMemory(name);
    return new RequestedOutput(
        signature.output(name),
        parameters.bool(BINARY, binaryByDefault),
        (int) Math.min(Integer.MAX_VALUE, parameters.count(CLASSIFICATION, 0)));
  }

  /** An output of a request over gRPC, where all are raw bytes. */
  public static RequestedOutput of(
      InferenceSignature signature, String name, InferenceParameters parameters) {
    return of(signature, name, parameters, true);
  }
}
