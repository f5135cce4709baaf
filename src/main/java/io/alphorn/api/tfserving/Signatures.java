package io.alphorn.api.tfserving;

import io.alphorn.api.codec.TensorProtoCodec;
import io.alphorn.api.tfserving.proto.SignatureDef;
import io.alphorn.api.tfserving.proto.SignatureDefMap;
import io.alphorn.api.tfserving.proto.TensorInfo;
import io.alphorn.api.tfserving.proto.TensorShapeProto;
import io.alphorn.compiler.CompiledEndpoint;
import io.alphorn.compiler.TensorSpec;
import io.alphorn.registry.ServedVersion;
import java.util.List;

/** A model's endpoints as TensorFlow describes the signatures of a SavedModel. */
final class Signatures {
  private static final String METHOD = "tensorflow/serving/predict";

  private Signatures() {}

  static SignatureDefMap of(ServedVersion version) {
    SignatureDefMap.Builder map = SignatureDefMap.newBuilder();
    for (String name : version.compiled().names()) {
      map.putSignatureDef(name, signature(version.compiled().endpoint(name), name));
    }
    return map.build();
  }

  private static SignatureDef signature(CompiledEndpoint endpoint, String name) {
    SignatureDef.Builder signature = SignatureDef.newBuilder().setMethodName(METHOD);
    for (TensorSpec input : endpoint.inputs()) {
      signature.putInputs(input.name(), info(input, name + "_" + input.name() + ":0"));
    }
    List<TensorSpec> outputs = endpoint.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      signature.putOutputs(
          outputs.get(i).name(), info(outputs.get(i), "StatefulPartitionedCall:" + i));
    }
    return signature.build();
  }

  private static TensorInfo info(TensorSpec spec, String name) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : spec.shape().sizes()) {
      shape.addDimBuilder().setSize(size);
    }
    return TensorInfo.newBuilder()
        .setName(name)
        .setDtype(TensorProtoCodec.dataType(spec.dtype()))
        .setTensorShape(shape)
        .build();
  }
}
