package io.alphorn.compiler.onnx;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.onnx.proto.GraphProto;
import io.alphorn.compiler.onnx.proto.ModelProto;
import io.alphorn.compiler.onnx.proto.TensorProto;
import io.alphorn.error.AlphornException;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * An ONNX model that is written to a stream: what a ModelProto serializes to, without the constants
 * ever standing in one message. The lengths that come before messages follow from the constants'
 * shapes.
 */
public final class OnnxStream {
  private static final int BYTES = WireFormat.WIRETYPE_LENGTH_DELIMITED;

  /**
   * A constant.
   *
   * @param description all of it but its elements
   * @param elements where the description has none
   */
  record Initializer(TensorProto description, Optional<Constant> elements, long bytes) {
    /** The length of the whole as a message. */
    long length() {
      return description.getSerializedSize()
          + (elements.isPresent() ? delimited(TensorProto.RAW_DATA_FIELD_NUMBER, bytes) : 0);
    }
  }

  private final ModelProto header;
  private final GraphProto graph;
  private final List<Initializer> initializers;
  private final long graphLength;

  private OnnxStream(ModelProto header, GraphProto graph, List<Initializer> initializers) {
    this.header = header;
    this.graph = graph;
    this.initializers = initializers;
    this.graphLength =
        graph.getSerializedSize()
            + initializers.stream()
                .mapToLong(i -> delimited(GraphProto.INITIALIZER_FIELD_NUMBER, i.length()))
                .sum();
  }

  /**
   * A model.
   *
   * @param header all of it but the graph
   * @param graph all of it but the constants
   * @throws AlphornException FAILED_PRECONDITION when it is too large for one protocol buffer
   */
  static OnnxStream of(ModelProto header, GraphProto graph, List<Initializer> initializers) {
    OnnxStream stream = new OnnxStream(header, graph, initializers);
    if (stream.length() > Integer.MAX_VALUE) {
      throw AlphornException.failedPrecondition(
          "the graph with its constants has %d bytes, more than the 2 GiB of one protocol buffer",
          stream.length());
    }
    return stream;
  }

  /** The length of a field with its tag and its own length. */
  private static long delimited(int field, long length) {
    return CodedOutputStream.computeTagSize(field)
        + CodedOutputStream.computeUInt64SizeNoTag(length)
        + length;
  }

  /** The length of the model in bytes. */
  public long length() {
    return header.getSerializedSize() + delimited(ModelProto.GRAPH_FIELD_NUMBER, graphLength);
  }

  /** Writes the model; leaves {@code out} open. */
  public void write(OutputStream out) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    header.writeTo(coded);
    begin(coded, ModelProto.GRAPH_FIELD_NUMBER, graphLength);
    graph.writeTo(coded);
    for (Initializer initializer : initializers) {
      begin(coded, GraphProto.INITIALIZER_FIELD_NUMBER, initializer.length());
      initializer.description().writeTo(coded);
      if (initializer.elements().isPresent()) {
        begin(coded, TensorProto.RAW_DATA_FIELD_NUMBER, initializer.bytes());
        Tensor tensor = initializer.elements().get().read();
        coded.writeRawBytes(tensor.bytes());
      }
    }
    coded.flush();
  }

  private static void begin(CodedOutputStream coded, int field, long length) throws IOException {
    coded.writeTag(field, BYTES);
    coded.writeUInt64NoTag(length);
  }
}
