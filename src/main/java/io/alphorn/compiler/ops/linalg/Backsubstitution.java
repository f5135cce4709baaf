package io.alphorn.compiler.ops.linalg;

/**
 * The eigenvectors of a quasi-triangular matrix, as the columns of a matrix; those of a complex
 * pair as two columns, the real and the imaginary parts. From the EISPACK procedure hqr2, in the
 * form that Eigen's {@code EigenSolver} has.
 */
final class Backsubstitution {
  private final Matrix t;
  private final Complex[] values;
  private final double smallest;

  private Backsubstitution(Matrix triangle, Complex[] values, double precision) {
    this.t = triangle.copy();
    this.values = values;
    double norm = 0;
    for (double element : triangle.elements()) {
      norm += Math.abs(element);
    }
    this.smallest = precision * norm;
  }

  static Matrix of(Matrix triangle, Complex[] values, double precision) {
    Backsubstitution substitution = new Backsubstitution(triangle, values, precision);
    for (int n = values.length - 1; n >= 0; n--) {
      if (values[n].im() == 0) {
        substitution.real(n);
      } else {
        substitution.pair(n);
        n--;
      }
    }
    return substitution.t.upperTriangle();
  }

  private double dot(int row, int column, int from, int to) {
    double sum = 0;
    for (int k = from; k <= to; k++) {
      sum += t.get(row, k) * t.get(k, column);
    }
    return sum;
  }

  private void real(int n) {
    double p = values[n].re();
    double lastR = 0;
    double lastW = 0;
    int l = n;
    t.set(n, n, 1);
    for (int i = n - 1; i >= 0; i--) {
      double w = t.get(i, i) - p;
      double r = dot(i, n, l, n);
      Complex value = values[i];
      if (value.im() < 0) {
        lastW = w;
        lastR = r;
      } else {
        l = i;
        if (value.im() == 0) {
          t.set(i, n, -r / (w == 0 ? smallest : w));
        } else {
          double x = t.get(i, i + 1);
          double y = t.get(i + 1, i);
          double gap = value.re() - p;
          double solution = (x * lastR - lastW * r) / (gap * gap + value.im() * value.im());
          t.set(i, n, solution);
          t.set(
              i + 1,
              n,
              Math.abs(x) > Math.abs(lastW)
                  ? (-r - w * solution) / x
                  : (-lastR - y * solution) / lastW);
        }
      }
    }
  }

  /** The pair of conjugate values whose second stands at n. */
  private void pair(int n) {
    double p = values[n].re();
    double q = values[n].im();
    if (Math.abs(t.get(n, n - 1)) > Math.abs(t.get(n - 1, n))) {
      double below = t.get(n, n - 1);
      set(n - 1, n, new Complex(q / below, -(t.get(n, n) - p) / below));
    } else {
      Complex above = new Complex(0, -t.get(n - 1, n));
      set(n - 1, n, above.over(new Complex(t.get(n - 1, n - 1) - p, q)));
    }
    set(n, n, new Complex(0, 1));
    double lastW = 0;
    Complex last = new Complex(0, 0);
    int l = n - 1;
    for (int i = n - 2; i >= 0; i--) {
      Complex r = new Complex(dot(i, n - 1, l, n), dot(i, n, l, n));
      double w = t.get(i, i) - p;
      if (values[i].im() < 0) {
        lastW = w;
        last = r;
      } else {
        l = i;
        if (values[i].im() == 0) {
          set(i, n, new Complex(-r.re(), -r.im()).over(new Complex(w, q)));
        } else {
          solveBlock(i, n, w, r, lastW, last);
        }
      }
    }
  }

  /** Two rows of a complex pair against another pair. */
  private void solveBlock(int i, int n, double w, Complex r, double lastW, Complex last) {
    double q = values[n].im();
    double x = t.get(i, i + 1);
    double y = t.get(i + 1, i);
    double gap = values[i].re() - values[n].re();
    double re = gap * gap + values[i].im() * values[i].im() - q * q;
    double im = gap * 2 * q;
    if (re == 0 && im == 0) {
      re = smallest * (Math.abs(w) + Math.abs(q) + Math.abs(x) + Math.abs(y) + Math.abs(lastW));
    }
    Complex upper =
        new Complex(
                x * last.re() - lastW * r.re() + q * r.im(),
                x * last.im() - lastW * r.im() - q * r.re())
            .over(new Complex(re, im));
    set(i, n, upper);
    if (Math.abs(x) > Math.abs(lastW) + Math.abs(q)) {
      set(
          i + 1,
          n,
          new Complex(
                  -r.re() - w * upper.re() + q * upper.im(),
                  -r.im() - w * upper.im() - q * upper.re())
              .over(x));
    } else {
      set(
          i + 1,
          n,
          new Complex(-last.re() - y * upper.re(), -last.im() - y * upper.im())
              .over(new Complex(lastW, q)));
    }
  }

  /** An element of the complex vector of the pair at n. */
  private void set(int row, int n, Complex element) {
    t.set(row, n - 1, element.re());
    t.set(row, n, element.im());
  }
}
