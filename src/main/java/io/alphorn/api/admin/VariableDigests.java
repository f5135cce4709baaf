package io.alphorn.api.admin;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.alphorn.compiler.ModelVariable;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 digests of variables' elements, little-endian and in row-major order. Each is computed
 * once for as long as its version is loaded.
 */
@ApplicationScoped
class VariableDigests {
  private final Cache<ModelVariable, String> known = CacheBuilder.newBuilder().weakKeys().build();

  /** In hexadecimal. */
  String sha256(ModelVariable variable) {
    String digest = known.getIfPresent(variable);
    if (digest == null) {
      digest = compute(variable);
      known.put(variable, digest);
    }
    return digest;
  }

  private static String compute(ModelVariable variable) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(variable.read().bytes());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
