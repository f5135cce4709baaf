package io.alphorn.api.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.alphorn.compiler.ModelVariable;
import io.alphorn.error.AlphornException;
import io.alphorn.registry.ServedVersion;
import io.alphorn.registry.VariableCollection;
import io.alphorn.registry.VariableComparison;
import io.alphorn.tensor.Tensor;
import io.alphorn.tensor.TensorDifference;
import io.alphorn.tensor.TensorStatistics;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Variables as JSON, written to a stream one variable at a time. Elements that are not finite are
 * the words NaN, Infinity and -Infinity, as in predictions.
 */
final class VariableJson implements AutoCloseable {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

  private final JsonGenerator json;
  private final VariableDigests digests;
  private final boolean values;
  private final boolean statistics;

  VariableJson(OutputStream out, VariableDigests digests, boolean values, boolean statistics)
      throws IOException {
    this.json = FACTORY.createGenerator(out);
    this.digests = digests;
    this.values = values;
    this.statistics = statistics;
  }

  /** All collections, each with its size. */
  void collections(ServedVersion version, List<VariableCollection> collections) throws IOException {
    json.writeStartObject();
    heading(version);
    json.writeArrayFieldStart("collections");
    for (VariableCollection collection : collections) {
      json.writeStartObject();
      json.writeStringField("name", collection.name());
      json.writeNumberField("variables", collection.variables().size());
      json.writeNumberField("elements", collection.elements());
      json.writeNumberField("bytes", collection.bytes());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** A collection with its variables. */
  void collection(ServedVersion version, VariableCollection collection) throws IOException {
    json.writeStartObject();
    heading(version);
    json.writeStringField("collection", collection.name());
    json.writeNumberField("elements", collection.elements());
    json.writeNumberField("bytes", collection.bytes());
    json.writeArrayFieldStart("variables");
    for (ModelVariable variable : collection.variables()) {
      variable(VariableView.whole(variable));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void heading(ServedVersion version) throws IOException {
    json.writeStringField("model", version.model());
    json.writeStringField("version", Long.toString(version.version()));
  }

  /** One variable. A part of it comes with the digest of the whole. */
  void variable(VariableView view) throws IOException {
    json.writeStartObject();
    kind(view.variable(), view.shape());
    json.writeNumberField("elements", view.elements());
    json.writeNumberField("bytes", view.elements() * view.variable().dtype().bytes());
    json.writeBooleanField("trainable", view.variable().trainable());
    json.writeStringField("sha256", digests.sha256(view.variable()));
    if (statistics) {
      statistics(TensorStatistics.of(view.read()));
    }
    if (values) {
      json.writeFieldName("values");
      elements(view.read());
    }
    json.writeEndObject();
  }

  private void kind(ModelVariable variable, long[] shape) throws IOException {
    json.writeStringField("path", variable.path());
    type(variable, shape);
  }

  private void type(ModelVariable variable, long[] shape) throws IOException {
    json.writeStringField("dtype", variable.dtype().kerasName());
    json.writeFieldName("shape");
    json.writeArray(shape, 0, shape.length);
  }

  private void statistics(TensorStatistics found) throws IOException {
    json.writeObjectFieldStart("statistics");
    real("min", found.minimum());
    real("max", found.maximum());
    real("mean", found.mean());
    real("standard_deviation", found.standardDeviation());
    json.writeNumberField("nans", found.nans());
    json.writeNumberField("positive_infinities", found.positiveInfinities());
    json.writeNumberField("negative_infinities", found.negativeInfinities());
    json.writeEndObject();
  }

  /** What no finite element gives is null. */
  private void real(String name, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField(name, value);
    } else {
      json.writeNullField(name);
    }
  }

  private void elements(Tensor tensor) throws IOException {
    elements(tensor, tensor.bytes(), tensor.shape(), 0);
  }

  private void elements(Tensor tensor, ByteBuffer bytes, long[] shape, int axis)
      throws IOException {
    if (axis == shape.length) {
      element(tensor, bytes);
      return;
    }
    json.writeStartArray();
    for (long i = 0; i < shape[axis]; i++) {
      elements(tensor, bytes, shape, axis + 1);
    }
    json.writeEndArray();
  }

  private void element(Tensor tensor, ByteBuffer bytes) throws IOException {
    switch (tensor.dtype()) {
      case BOOL -> json.writeBoolean(bytes.get() != 0);
      case INT8 -> json.writeNumber(bytes.get());
      case INT16 -> json.writeNumber(bytes.getShort());
      case INT32 -> json.writeNumber(bytes.getInt());
      case INT64 -> json.writeNumber(bytes.getLong());
      case UINT8 -> json.writeNumber(Byte.toUnsignedInt(bytes.get()));
      case UINT16 -> json.writeNumber(Short.toUnsignedInt(bytes.getShort()));
      case UINT32 -> json.writeNumber(Integer.toUnsignedLong(bytes.getInt()));
      case UINT64 -> json.writeNumber(new BigDecimal(Long.toUnsignedString(bytes.getLong())));
      case FLOAT16 -> json.writeNumber(Float.float16ToFloat(bytes.getShort()));
      case BFLOAT16 -> json.writeNumber(Float.intBitsToFloat(bytes.getShort() << 16));
      case FLOAT32 -> json.writeNumber(bytes.getFloat());
      case FLOAT64 -> json.writeNumber(bytes.getDouble());
      case COMPLEX64, COMPLEX128, STRING ->
          throw AlphornException.unimplemented(
              "elements of type %s have no form in JSON", tensor.dtype());
    }
  }

  /** What changed between two versions. */
  void comparison(
      ServedVersion version,
      long other,
      VariableCollection collection,
      VariableComparison comparison)
      throws IOException {
    json.writeStartObject();
    heading(version);
    json.writeStringField("compared_with", Long.toString(other));
    json.writeStringField("collection", collection.name());
    json.writeNumberField("unchanged", comparison.unchanged());
    json.writeArrayFieldStart("changed");
    for (VariableComparison.Change change : comparison.changed()) {
      change(change);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("reshaped");
    for (VariableComparison.Reshaped reshaped : comparison.reshaped()) {
      json.writeStartObject();
      kind(reshaped.variable(), reshaped.variable().shape());
      json.writeObjectFieldStart("before");
      type(reshaped.other(), reshaped.other().shape());
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
    paths("added", comparison.added());
    paths("removed", comparison.removed());
    json.writeEndObject();
  }

  private void change(VariableComparison.Change change) throws IOException {
    TensorDifference difference = change.difference();
    json.writeStartObject();
    json.writeStringField("path", change.variable().path());
    json.writeNumberField("elements", change.variable().elements());
    json.writeNumberField("changed_elements", difference.changed());
    json.writeNumberField("max_absolute_difference", difference.maximum());
    json.writeNumberField("mean_absolute_difference", difference.mean());
    json.writeNumberField("incomparable_elements", difference.incomparable());
    json.writeEndObject();
  }

  private void paths(String name, List<ModelVariable> variables) throws IOException {
    json.writeArrayFieldStart(name);
    for (ModelVariable variable : variables) {
      json.writeString(variable.path());
    }
    json.writeEndArray();
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
