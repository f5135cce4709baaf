package io.alphorn.compiler.onnx;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A serialized ONNX model.
 *
 * @param bytes the ModelProto
 * @param externalData the folder of the files in which its large constants lie, if any do
 */
public record OnnxModel(byte[] bytes, Optional<Path> externalData) {}
