package io.alphorn.compiler.layers;

import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Value;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Where an image layer keeps its channels. ONNX wants them at axis 1; where Keras has them last,
 * transposes stand around the operator, which passes take out between neighbours.
 */
public enum ChannelLayout {
  LAST,
  FIRST;

  static ChannelLayout of(OperationCall call) {
    return of(call.config().string("data_format", "channels_last"));
  }

  /** The layout that Keras calls {@code dataFormat}. */
  public static ChannelLayout of(String dataFormat) {
    return dataFormat.equals("channels_first") ? FIRST : LAST;
  }

  public int channelAxis(int rank) {
    return this == LAST ? rank - 1 : 1;
  }

  /** The axis of the first spatial dimension. */
  int spatialAxis() {
    return this == LAST ? 1 : 2;
  }

  public List<Dim> spatialDims(Value x) {
    return x.shape().dims().subList(spatialAxis(), spatialAxis() + x.rank() - 2);
  }

  public Value toFirst(GraphBuilder g, Value x) {
    return this == FIRST ? x : g.moveAxis(x, -1, 1);
  }

  public Value fromFirst(GraphBuilder g, Value x) {
    return this == FIRST ? x : g.moveAxis(x, 1, -1);
  }

  /** Applies an operator that works channels-first. */
  public Value around(GraphBuilder g, Value x, UnaryOperator<Value> operator) {
    return fromFirst(g, operator.apply(toFirst(g, x)));
  }

  /** The spatial axes of a value of this rank. */
  public int[] spatialAxes(int rank) {
    return IntStream.range(spatialAxis(), spatialAxis() + rank - 2).toArray();
  }
}
