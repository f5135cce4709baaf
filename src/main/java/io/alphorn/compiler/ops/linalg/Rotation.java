package io.alphorn.compiler.ops.linalg;

/** The plane rotation [c s; -s c], made as Eigen's {@code JacobiRotation} is. */
record Rotation(double cosine, double sine) {
  static final Rotation NONE = new Rotation(1, 0);

  /** The one whose transpose turns (p, q) to (r, 0). */
  static Rotation givens(double p, double q) {
    if (q == 0) {
      return new Rotation(p < 0 ? -1 : 1, 0);
    }
    if (p == 0) {
      return new Rotation(0, q < 0 ? 1 : -1);
    }
    if (Math.abs(p) > Math.abs(q)) {
      double tangent = q / p;
      double cosine = Math.copySign(1 / Math.sqrt(1 + tangent * tangent), p);
      return new Rotation(cosine, -tangent * cosine);
    }
    double cotangent = p / q;
    double sine = Math.copySign(1 / Math.sqrt(1 + cotangent * cotangent), -q);
    return new Rotation(-cotangent * sine, sine);
  }

  /** The one that makes the symmetric matrix [x y; y z] diagonal. */
  static Rotation jacobi(double x, double y, double z) {
    double denominator = 2 * Math.abs(y);
    if (denominator < Double.MIN_NORMAL) {
      return NONE;
    }
    double tau = (x - z) / denominator;
    double root = Math.sqrt(tau * tau + 1);
    double tangent = tau > 0 ? 1 / (tau + root) : 1 / (tau - root);
    double cosine = 1 / Math.sqrt(tangent * tangent + 1);
    return new Rotation(cosine, -tangent * Math.signum(y) * cosine);
  }

  Rotation transpose() {
    return new Rotation(cosine, -sine);
  }

  Rotation times(Rotation other) {
    return new Rotation(
        cosine * other.cosine - sine * other.sine, cosine * other.sine + sine * other.cosine);
  }
}
