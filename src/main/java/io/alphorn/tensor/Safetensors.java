package io.alphorn.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alphorn.error.AlphornException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format (https://github.com/huggingface/safetensors#format): the header's length
 * in eight bytes, a header in JSON that says where each tensor lies, then all elements without
 * gaps. Types have the names of that format; bfloat16 goes as it is.
 */
public final class Safetensors {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA = "__metadata__";
  private static final int ALIGNMENT = 8;

  private final List<NamedTensor> tensors;
  private final byte[] header;

  private Safetensors(List<NamedTensor> tensors, byte[] header) {
    this.tensors = tensors;
    this.header = header;
  }

  /**
   * A file of {@code tensors}, in their order.
   *
   * @param metadata texts that go along
   * @throws AlphornException UNIMPLEMENTED when a type has no name in the format
   */
  public static Safetensors of(List<NamedTensor> tensors, Map<String, String> metadata) {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      header.putPOJO(METADATA, metadata);
    }
    long offset = 0;
    for (NamedTensor tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name());
      entry.put("dtype", typeName(tensor));
      ArrayNode shape = entry.putArray("shape");
      Arrays.stream(tensor.shape()).forEach(shape::add);
      ArrayNode offsets = entry.putArray("data_offsets").add(offset);
      offset = Math.addExact(offset, tensor.bytes());
      offsets.add(offset);
    }
    return new Safetensors(List.copyOf(tensors), padded(header.toString()));
  }

  /** Spaces after the header let the elements begin at a multiple of {@value #ALIGNMENT}. */
  private static byte[] padded(String json) {
    byte[] text = json.getBytes(UTF_8);
    byte[] padded = Arrays.copyOf(text, Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  private static String typeName(NamedTensor tensor) {
    return switch (tensor.dtype()) {
      case BOOL -> "BOOL";
      case INT8 -> "I8";
      case INT16 -> "I16";
      case INT32 -> "I32";
      case INT64 -> "I64";
      case UINT8 -> "U8";
      case UINT16 -> "U16";
      case UINT32 -> "U32";
      case UINT64 -> "U64";
      case FLOAT16 -> "F16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      case COMPLEX64 -> "C64";
      case COMPLEX128, STRING ->
          throw AlphornException.unimplemented(
              "'%s': safetensors has no elements of type %s", tensor.name(), tensor.dtype());
    };
  }

  /** The length of the file in bytes. */
  public long length() {
    return Long.BYTES + header.length + tensors.stream().mapToLong(NamedTensor::bytes).sum();
  }

  /** Writes the file, one tensor in memory at a time; leaves {@code out} open. */
  public void write(OutputStream out) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(header.length).array());
    out.write(header);
    for (NamedTensor tensor : tensors) {
      ElementBlocks.write(tensor.elements().get().bytes(), out);
    }
  }
}
