package io.alphorn.compiler.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.alphorn.archive.FileRegion;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.CompiledModel;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.compiler.graph.Attribute;
import io.alphorn.compiler.graph.Constant;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.ElementTypes;
import io.alphorn.compiler.graph.Graph;
import io.alphorn.compiler.graph.Node;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.onnx.proto.AttributeProto;
import io.alphorn.compiler.onnx.proto.GraphProto;
import io.alphorn.compiler.onnx.proto.ModelProto;
import io.alphorn.compiler.onnx.proto.NodeProto;
import io.alphorn.compiler.onnx.proto.OperatorSetIdProto;
import io.alphorn.compiler.onnx.proto.StringStringEntryProto;
import io.alphorn.compiler.onnx.proto.TensorProto;
import io.alphorn.compiler.onnx.proto.TensorShapeProto;
import io.alphorn.compiler.onnx.proto.TypeProto;
import io.alphorn.compiler.onnx.proto.ValueInfoProto;
import io.alphorn.error.AlphornException;
import io.alphorn.error.ErrorCode;
import io.alphorn.tensor.DType;
import io.alphorn.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes graphs in ONNX's format (onnx/onnx.proto, IR {@value #IR_VERSION}, operator set {@value
 * #OPERATOR_SET}).
 */
public final class OnnxWriter {
  static final int IR_VERSION = 11;
  static final int OPERATOR_SET = 23;

  /** The last one whose operators that draw numbers have kernels in ONNX Runtime's CPU. */
  static final int RANDOM_OPERATOR_SET = 21;

  /** Smaller constants stand in the model, where ONNX Runtime's shape inference can read them. */
  private static final long SMALLEST_EXTERNAL_BYTES = 4096;

  private final boolean external;
  private Optional<Path> externalFolder = Optional.empty();

  private OnnxWriter(boolean external) {
    this.external = external;
  }

  /**
   * An endpoint with all its constants: one file to keep or to hand on.
   *
   * @throws AlphornException UNIMPLEMENTED when parts of the model run outside ONNX
   */
  public static OnnxModel writeWhole(CompiledModel model, CompiledEndpoint endpoint) {
    return new OnnxWriter(false).write(whole(model, endpoint), model.name());
  }

  /**
   * The same as {@link #writeWhole}, written to a stream with one constant in memory at a time.
   *
   * @throws AlphornException UNIMPLEMENTED when parts of the model run outside ONNX;
   *     FAILED_PRECONDITION when it is too large for one protocol buffer
   */
  public static OnnxStream streamWhole(CompiledModel model, CompiledEndpoint endpoint) {
    Graph graph = whole(model, endpoint);
    OnnxWriter writer = new OnnxWriter(false);
    List<OnnxStream.Initializer> initializers =
        graph.constants().entrySet().stream()
            .map(entry -> initializerWithoutElements(entry.getKey(), entry.getValue()))
            .toList();
    return OnnxStream.of(
        header(graph).build(), writer.graph(graph).setName(model.name()).build(), initializers);
  }

  private static OnnxStream.Initializer initializerWithoutElements(Value value, Constant constant) {
    if (value.dtype() == DType.STRING) {
      TensorProto proto = new OnnxWriter(false).initializer(value, constant);
      return new OnnxStream.Initializer(proto, Optional.empty(), 0);
    }
    long bytes = Tensor.elements(value.shape().sizes()) * value.dtype().bytes();
    return new OnnxStream.Initializer(description(value).build(), Optional.of(constant), bytes);
  }

  private static Graph whole(CompiledModel model, CompiledEndpoint endpoint) {
    Graph graph = model.graph().between(endpoint.sources(), endpoint.results());
    List<String> host =
        graph.nodes().stream()
            .filter(Node::isHost)
            .map(node -> "%s (layer '%s')".formatted(node.operator(), node.origin()))
            .toList();
    if (!host.isEmpty()) {
      throw AlphornException.unimplemented(
          "model '%s' is no single ONNX graph: ONNX has no operators for %s",
          model.name(), String.join(", ", host));
    }
    List<String> names = endpoint.outputs().stream().map(TensorSpec::name).toList();
    return OutputRenaming.apply(graph, names);
  }

  /** A model whose large constants stay in the archive, for ONNX Runtime to map. */
  public static OnnxModel writeMapped(Graph graph, String name) {
    return new OnnxWriter(true).write(graph, name);
  }

  private OnnxModel write(Graph graph, String name) {
    ModelProto.Builder model = header(graph);
    GraphProto.Builder body = graph(graph).setName(name);
    graph
        .constants()
        .forEach((value, constant) -> body.addInitializer(initializer(value, constant)));
    return new OnnxModel(model.setGraph(body).build().toByteArray(), externalFolder);
  }

  private static ModelProto.Builder header(Graph graph) {
    boolean draws = graph.nodes().stream().anyMatch(Node::isRandom);
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("alphorn")
        .addOpsetImport(operatorSet(Node.ONNX, draws ? RANDOM_OPERATOR_SET : OPERATOR_SET))
        .addOpsetImport(operatorSet(Node.MICROSOFT, 1));
  }

  private static OperatorSetIdProto operatorSet(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private GraphProto.Builder graph(Graph graph) {
    GraphProto.Builder proto = GraphProto.newBuilder();
    graph.inputs().forEach(value -> proto.addInput(valueInfo(value)));
    graph.outputs().forEach(value -> proto.addOutput(valueInfo(value)));
    graph.nodes().forEach(node -> proto.addNode(node(node)));
    return proto;
  }

  private static ValueInfoProto valueInfo(Value value) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Dim dim : value.shape().dims()) {
      if (dim.symbol() == null) {
        shape.addDimBuilder().setDimValue(dim.size());
      } else {
        shape.addDimBuilder().setDimParam(dim.symbol());
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(ElementTypes.onnx(value.dtype()))
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(value.name())
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private NodeProto node(Node node) {
    NodeProto.Builder proto =
        NodeProto.newBuilder().setOpType(node.operator()).setDomain(node.domain());
    if (!node.outputs().isEmpty()) {
      proto.setName(node.outputs().getFirst().name());
    }
    node.inputs().forEach(value -> proto.addInput(value.name()));
    node.outputs().forEach(value -> proto.addOutput(value.name()));
    for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
      proto.addAttribute(attribute(entry.getKey(), entry.getValue()));
    }
    return proto.build();
  }

  private AttributeProto attribute(String name, Attribute attribute) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    switch (attribute) {
      case Attribute.Int(long value) -> proto.setType(AttributeProto.AttributeType.INT).setI(value);
      case Attribute.Real(double value) ->
          proto.setType(AttributeProto.AttributeType.FLOAT).setF((float) value);
      case Attribute.Text(String value) ->
          proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
      case Attribute.Ints(List<Long> values) ->
          proto.setType(AttributeProto.AttributeType.INTS).addAllInts(values);
      case Attribute.Reals(List<Float> values) ->
          proto.setType(AttributeProto.AttributeType.FLOATS).addAllFloats(values);
      case Attribute.Texts(List<String> values) -> {
        proto.setType(AttributeProto.AttributeType.STRINGS);
        values.forEach(value -> proto.addStrings(ByteString.copyFrom(value, UTF_8)));
      }
      case Attribute.Subgraph(Graph graph) ->
          proto.setType(AttributeProto.AttributeType.GRAPH).setG(graph(graph).setName(name));
    }
    return proto.build();
  }

  private static TensorProto.Builder description(Value value) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(value.name())
            .setDataType(ElementTypes.onnx(value.dtype()));
    for (long size : value.shape().sizes()) {
      proto.addDims(size);
    }
    return proto;
  }

  private TensorProto initializer(Value value, Constant constant) {
    TensorProto.Builder proto = description(value);
    Optional<FileRegion> region =
        constant
            .region()
            .filter(r -> external && r.length() >= SMALLEST_EXTERNAL_BYTES)
            .map(OnnxWriter::withoutLinks);
    if (region.isPresent() && isInFolder(region.get())) {
      return mapped(proto, region.get());
    }
    Tensor tensor = constant.read();
    if (value.dtype() == DType.STRING) {
      for (byte[] text : tensor.strings()) {
        proto.addStringData(ByteString.copyFrom(text));
      }
      return proto.build();
    }
    return proto.setRawData(ByteString.copyFrom(tensor.bytes())).build();
  }

  /** ONNX Runtime refuses to follow links, as those that Kubernetes mounts volumes by. */
  private static FileRegion withoutLinks(FileRegion region) {
    try {
      return new FileRegion(region.file().toRealPath(), region.offset(), region.length());
    } catch (IOException e) {
      throw new AlphornException(
          ErrorCode.NOT_FOUND, "the archive is gone: " + region.file().getFileName(), e);
    }
  }

  /** ONNX Runtime takes one folder; a second one's constants are copied into the model. */
  private boolean isInFolder(FileRegion region) {
    Path folder = region.file().getParent();
    if (externalFolder.isEmpty()) {
      externalFolder = Optional.ofNullable(folder);
    }
    return externalFolder.equals(Optional.ofNullable(folder));
  }

  private static TensorProto mapped(TensorProto.Builder proto, FileRegion region) {
    return proto
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", region.file().getFileName().toString()))
        .addExternalData(entry("offset", Long.toString(region.offset())))
        .addExternalData(entry("length", Long.toString(region.length())))
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
