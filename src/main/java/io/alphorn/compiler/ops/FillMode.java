package io.alphorn.compiler.ops;

/** What is read outside of an image. */
enum FillMode {
  CONSTANT,
  NEAREST,
  REFLECT,
  WRAP,
  /** As REFLECT without the border pixel a second time; of {@code map_coordinates} only. */
  MIRROR;

  /** A coordinate brought into an image of {@code length}: TensorFlow's {@code MapCoordinate}. */
  float inside(float coordinate, int length) {
    return switch (this) {
      case CONSTANT, MIRROR -> coordinate;
      case NEAREST -> clamp(coordinate, length);
      case REFLECT -> clamp(reflected(coordinate, length), length);
      case WRAP -> clamp(wrapped(coordinate, length), length);
    };
  }

  private static float clamp(float coordinate, int length) {
    return Math.min(Math.max(coordinate, 0), length - 1);
  }

  private static float reflected(float coordinate, int length) {
    float period = 2 * length;
    if (coordinate < 0) {
      float moved = period * (long) (-coordinate / period) + coordinate;
      return moved < -length ? moved + period : -moved - 1;
    }
    if (coordinate > length - 1) {
      float moved = coordinate - period * (long) (coordinate / period);
      return moved >= length ? period - moved - 1 : moved;
    }
    return coordinate;
  }

  private static float wrapped(float coordinate, int length) {
    if (length <= 1) {
      return 0;
    }
    float gaps = length - 1;
    if (coordinate < 0) {
      return coordinate + length * ((long) (-coordinate / gaps) + 1);
    }
    return coordinate > length - 1 ? coordinate - length * (long) (coordinate / gaps) : coordinate;
  }

  /** A whole coordinate brought into an axis of {@code length}, as Keras's map_coordinates. */
  long inside(long coordinate, long length) {
    return switch (this) {
      case CONSTANT, NEAREST -> Math.clamp(coordinate, 0, length - 1);
      case WRAP -> Math.floorMod(coordinate, length);
      case REFLECT, MIRROR -> {
        long turned = Math.abs(coordinate) % (2 * length);
        long back = 2 * length - turned - (this == REFLECT ? 1 : 0);
        yield turned < length ? turned : back;
      }
    };
  }
}
