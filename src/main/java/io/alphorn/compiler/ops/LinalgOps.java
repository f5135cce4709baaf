package io.alphorn.compiler.ops;

import static io.alphorn.compiler.OperationCall.output;
import static io.alphorn.compiler.OperationCall.outputs;

import io.alphorn.compiler.KerasTensor;
import io.alphorn.compiler.Lowering;
import io.alphorn.compiler.LoweringRegistry;
import io.alphorn.compiler.OperationCall;
import io.alphorn.compiler.graph.Dim;
import io.alphorn.compiler.graph.GraphBuilder;
import io.alphorn.compiler.graph.Shape;
import io.alphorn.compiler.graph.Value;
import io.alphorn.compiler.ops.linalg.Complex;
import io.alphorn.compiler.ops.linalg.GeneralEigen;
import io.alphorn.compiler.ops.linalg.LuDecomposition;
import io.alphorn.compiler.ops.linalg.Matrix;
import io.alphorn.compiler.ops.linalg.QrDecomposition;
import io.alphorn.compiler.ops.linalg.SingularValueDecomposition;
import io.alphorn.compiler.ops.linalg.SymmetricEigen;
import io.alphorn.compiler.ops.linalg.Triangles;
import io.alphorn.error.AlphornException;
import io.alphorn.keras.Nested;
import io.alphorn.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * {@code keras.ops.linalg}, in Java and in double precision. Follows {@code
 * keras/src/backend/tensorflow/linalg.py}.
 */
public final class LinalgOps {
  private static final double PSEUDO_INVERSE_TOLERANCE = 10;

  private LinalgOps() {}

  public static void register(LoweringRegistry registry) {
    registry.addAll(
        Lowering.operation("linalg", "Cholesky", LinalgOps::cholesky),
        Lowering.operation("linalg", "CholeskyInverse", LinalgOps::choleskyInverse),
        Lowering.operation("linalg", "Det", LinalgOps::det),
        Lowering.operation("linalg", "Eig", LinalgOps::eig),
        Lowering.operation("linalg", "Eigh", LinalgOps::eigh),
        Lowering.operation("linalg", "Inv", LinalgOps::inv),
        Lowering.operation("linalg", "LuFactor", LinalgOps::luFactor),
        Lowering.operation("linalg", "Norm", LinalgOps::norm),
        Lowering.operation("linalg", "Qr", LinalgOps::qr),
        Lowering.operation("linalg", "Solve", LinalgOps::solve).parameters("a", "b"),
        Lowering.operation("linalg", "SolveTriangular", LinalgOps::solveTriangular)
            .parameters("a", "b"),
        Lowering.operation("linalg", "SVD", LinalgOps::svd),
        Lowering.operation("linalg", "Lstsq", LinalgOps::lstsq).parameters("a", "b"),
        Lowering.operation("linalg", "MatrixRank", LinalgOps::matrixRank),
        Lowering.operation("linalg", "Pinv", LinalgOps::pinv),
        Lowering.operation("math", "Logdet", LinalgOps::logdet),
        Lowering.operation("numpy", "Slogdet", LinalgOps::slogdet));
  }

  private static Nested<KerasTensor> cholesky(OperationCall call) {
    Operands operands = Operands.of(call);
    boolean upper = operands.bool("upper", false);
    return output(
        square(
            call.graph(),
            "Cholesky",
            operands.tensor("x"),
            matrix -> {
              Matrix lower =
                  Triangles.cholesky(matrix)
                      .orElseThrow(
                          () ->
                              AlphornException.invalidArgument(
                                  "Cholesky's decomposition failed: the matrix is not positive"
                                      + " definite"));
              return upper ? lower.transpose() : lower;
            }));
  }

  /** A function from a square matrix to one of its size. */
  private static Value square(
      GraphBuilder g, String name, Value x, Function<Matrix, Matrix> function) {
    return one(g, name, x, x.shape().subShape(x.rank() - 2, x.rank()), function);
  }

  /** A function of one matrix that gives a tensor of the same type. */
  private static Value one(
      GraphBuilder g, String name, Value x, Shape shape, Function<Matrix, Matrix> function) {
    List<MatrixBatch.Output> outputs = List.of(new MatrixBatch.Output(x.dtype(), shape));
    return MatrixBatch.apply(
            g, name, List.of(x), outputs, inputs -> List.of(function.apply(inputs.getFirst())))
        .getFirst();
  }

  /** The inverse of A from its Cholesky factor. */
  private static Nested<KerasTensor> choleskyInverse(OperationCall call) {
    Operands operands = Operands.of(call);
    boolean upper = operands.bool("upper", false);
    return output(
        square(
            call.graph(),
            "CholeskyInverse",
            operands.tensor("x"),
            factor -> {
              Matrix inverse = Triangles.solve(factor, Matrix.identity(factor.rows()), !upper);
              return upper
                  ? inverse.times(inverse.transpose())
                  : inverse.transpose().times(inverse);
            }));
  }

  private static Nested<KerasTensor> det(OperationCall call) {
    return number(call, "Det", matrix -> LuDecomposition.of(matrix).determinant());
  }

  /** As TensorFlow's, of matrices with a Cholesky decomposition; of others NaN. */
  private static Nested<KerasTensor> logdet(OperationCall call) {
    return number(
        call,
        "Logdet",
        matrix ->
            Triangles.cholesky(matrix)
                .map(lower -> 2 * Arrays.stream(lower.diagonal()).map(Math::log).sum())
                .orElse(Double.NaN));
  }

  /** The sign of the determinant and the logarithm of its size. */
  private static Nested<KerasTensor> slogdet(OperationCall call) {
    Value x = Operands.of(call).tensor("x");
    MatrixBatch.Output number = new MatrixBatch.Output(x.dtype(), Shape.SCALAR);
    return outputs(
        MatrixBatch.apply(
            call.graph(),
            "Slogdet",
            List.of(x),
            List.of(number, number),
            matrices -> {
              LuDecomposition lu = LuDecomposition.of(matrices.getFirst());
              return List.of(
                  Matrix.column(lu.determinantSign()), Matrix.column(lu.logDeterminant()));
            }));
  }

  private static Nested<KerasTensor> number(
      OperationCall call, String name, Function<Matrix, Double> function) {
    Value x = Operands.of(call).tensor("x");
    return output(
        one(call.graph(), name, x, Shape.SCALAR, matrix -> Matrix.column(function.apply(matrix))));
  }

  private static Nested<KerasTensor> eig(OperationCall call) {
    Value x = Operands.of(call).tensor("x");
    DType dtype = x.dtype() == DType.FLOAT64 ? DType.COMPLEX128 : DType.COMPLEX64;
    double precision = precision(x.dtype());
    return outputs(
        MatrixBatch.apply(
            call.graph(),
            "Eig",
            List.of(x),
            List.of(
                new MatrixBatch.Output(dtype, Shape.of(x.dim(-1))),
                new MatrixBatch.Output(dtype, Shape.of(x.dim(-2), x.dim(-1)))),
            inputs -> {
              GeneralEigen eigen = GeneralEigen.of(inputs.getFirst(), precision);
              return List.of(pairs(eigen.values()), pairs(eigen.vectors()));
            }));
  }

  /** Complex numbers as pairs of columns. */
  private static Matrix pairs(Complex[]... rows) {
    Matrix pairs = new Matrix(rows.length, 2 * rows[0].length);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        pairs.set(i, 2 * j, rows[i][j].re());
        pairs.set(i, 2 * j + 1, rows[i][j].im());
      }
    }
    return pairs;
  }

  /** The distance from 1 to the next number. */
  private static double precision(DType dtype) {
    return dtype == DType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1f);
  }

  private static Nested<KerasTensor> eigh(OperationCall call) {
    Value x = Operands.of(call).tensor("x");
    double precision = precision(x.dtype());
    return outputs(
        MatrixBatch.apply(
            call.graph(),
            "Eigh",
            List.of(x),
            List.of(
                new MatrixBatch.Output(x.dtype(), Shape.of(x.dim(-1))),
                new MatrixBatch.Output(x.dtype(), Shape.of(x.dim(-2), x.dim(-1)))),
            inputs -> {
              SymmetricEigen eigen = SymmetricEigen.of(inputs.getFirst(), precision);
              return List.of(Matrix.column(eigen.values()), eigen.vectors());
            }));
  }

  private static Nested<KerasTensor> inv(OperationCall call) {
    return output(
        square(
            call.graph(),
            "Inv",
            Operands.of(call).tensor("x"),
            matrix -> LuDecomposition.of(matrix).solve(Matrix.identity(matrix.rows()))));
  }

  private static Nested<KerasTensor> luFactor(OperationCall call) {
    Value x = Operands.of(call).tensor("x");
    return outputs(
        MatrixBatch.apply(
            call.graph(),
            "LuFactor",
            List.of(x),
            List.of(
                new MatrixBatch.Output(x.dtype(), Shape.of(x.dim(-2), x.dim(-1))),
                new MatrixBatch.Output(DType.INT32, Shape.of(x.dim(-1)))),
            inputs -> {
              LuDecomposition lu = LuDecomposition.of(inputs.getFirst());
              double[] inverse = new double[lu.permutation().length];
              for (int i = 0; i < inverse.length; i++) {
                inverse[lu.permutation()[i]] = i;
              }
              return List.of(lu.factors(), Matrix.column(inverse));
            }));
  }

  private static Nested<KerasTensor> norm(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    return output(
        Norms.of(
            call.graph(),
            x,
            Norms.Order.of(operands.find("ord")),
            operands.axes("axis", x.rank()),
            operands.bool("keepdims", false)));
  }

  private static Nested<KerasTensor> qr(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    boolean complete = operands.string("mode", "reduced").equals("complete");
    Dim inner = complete ? x.dim(-2) : smaller(call.graph(), x);
    return outputs(
        MatrixBatch.apply(
            call.graph(),
            "Qr",
            List.of(x),
            List.of(
                new MatrixBatch.Output(x.dtype(), Shape.of(x.dim(-2), inner)),
                new MatrixBatch.Output(x.dtype(), Shape.of(inner, x.dim(-1)))),
            inputs -> {
              Matrix matrix = inputs.getFirst();
              QrDecomposition qr = QrDecomposition.of(matrix);
              int rows = matrix.rows();
              int size = complete ? rows : Math.min(rows, matrix.columns());
              return List.of(qr.orthogonal(size), qr.triangle().topLeft(size, matrix.columns()));
            }));
  }

  /** The smaller of the last two dimensions. */
  private static Dim smaller(GraphBuilder g, Value x) {
    Dim rows = x.dim(-2);
    Dim columns = x.dim(-1);
    if (rows.equals(columns)) {
      return rows;
    }
    return rows.isKnown() && columns.isKnown()
        ? Dim.of(Math.min(rows.size(), columns.size()))
        : g.freshDim();
  }

  private static Nested<KerasTensor> solve(OperationCall call) {
    return solve(call, "Solve", (a, b) -> LuDecomposition.of(a).solve(b));
  }

  private static Nested<KerasTensor> solveTriangular(OperationCall call) {
    boolean lower = Operands.of(call).bool("lower", false);
    return solve(call, "SolveTriangular", (a, b) -> Triangles.solve(a, b, lower));
  }

  /** From a matrix and right sides to the solutions. */
  @FunctionalInterface
  private interface Solver {
    Matrix solve(Matrix a, Matrix b);
  }

  /** A right side with one axis less than the matrix is a vector. */
  private static Nested<KerasTensor> solve(OperationCall call, String name, Solver solver) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value a = operands.tensor("a");
    Value b = operands.get("b").as(a.dtype());
    boolean vector = b.rank() == a.rank() - 1;
    Value right = vector ? g.unsqueeze(b, -1) : b;
    Value solution =
        MatrixBatch.apply(
                g,
                name,
                List.of(a, right),
                List.of(new MatrixBatch.Output(a.dtype(), Shape.of(right.dim(-2), right.dim(-1)))),
                inputs -> List.of(solver.solve(inputs.get(0), inputs.get(1))))
            .getFirst();
    return output(vector ? g.squeeze(solution, -1) : solution);
  }

  /** Keras gives U, s and Vᵀ, or s alone. */
  private static Nested<KerasTensor> svd(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    if (!operands.bool("compute_uv", true)) {
      return output(singularValues(g, x));
    }
    boolean full = operands.bool("full_matrices", true);
    Dim inner = smaller(g, x);
    return outputs(
        MatrixBatch.apply(
            g,
            "SVD",
            List.of(x),
            List.of(
                new MatrixBatch.Output(x.dtype(), Shape.of(x.dim(-2), full ? x.dim(-2) : inner)),
                new MatrixBatch.Output(x.dtype(), Shape.of(inner)),
                new MatrixBatch.Output(x.dtype(), Shape.of(full ? x.dim(-1) : inner, x.dim(-1)))),
            inputs -> {
              SingularValueDecomposition svd = SingularValueDecomposition.of(inputs.getFirst());
              SingularValueDecomposition wanted = full ? svd : svd.thin();
              return List.of(
                  wanted.left(), Matrix.column(svd.values()), wanted.right().transpose());
            }));
  }

  /** The singular values of the matrices in the last two axes, descending. */
  static Value singularValues(GraphBuilder g, Value x) {
    return one(
        g,
        "SingularValues",
        x,
        Shape.of(smaller(g, x)),
        matrix -> Matrix.column(SingularValueDecomposition.of(matrix).values()));
  }

  private static Nested<KerasTensor> lstsq(OperationCall call) {
    GraphBuilder g = call.graph();
    Operands operands = Operands.of(call);
    Value a = operands.tensor("a");
    Value b = operands.get("b").as(a.dtype());
    if (a.rank() != 2 || b.rank() > 2) {
      throw AlphornException.invalidArgument(
          "lstsq takes a matrix and a vector or a matrix, found %s and %s", a.shape(), b.shape());
    }
    double precision = precision(a.dtype());
    Optional<Double> tolerance =
        operands.find("rcond").map(Operand::real).map(rcond -> rcond < 0 ? precision : rcond);
    boolean vector = b.rank() == 1;
    Value right = vector ? g.unsqueeze(b, -1) : b;
    Value solution =
        MatrixBatch.apply(
                g,
                "Lstsq",
                List.of(a, right),
                List.of(new MatrixBatch.Output(a.dtype(), Shape.of(a.dim(-1), right.dim(-1)))),
                inputs -> {
                  Matrix matrix = inputs.get(0);
                  double relative =
                      tolerance.orElse(precision * Math.max(matrix.rows(), matrix.columns()));
                  SingularValueDecomposition svd = SingularValueDecomposition.of(matrix);
                  double least = relative * svd.values()[0];
                  return List.of(svd.inverse(s -> s >= least).times(inputs.get(1)));
                })
            .getFirst();
    return output(vector ? g.squeeze(solution, -1) : solution);
  }

  /** TensorFlow's: how many singular values are above a tolerance. */
  private static Nested<KerasTensor> matrixRank(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    Optional<Double> tolerance = operands.find("tol").map(Operand::real);
    double precision = precision(x.dtype());
    return outputs(
        MatrixBatch.apply(
            call.graph(),
            "MatrixRank",
            List.of(x),
            List.of(new MatrixBatch.Output(DType.INT32, Shape.SCALAR)),
            inputs -> {
              Matrix matrix = inputs.getFirst();
              double[] values = SingularValueDecomposition.of(matrix).values();
              double relative = precision * Math.max(matrix.rows(), matrix.columns());
              double least = tolerance.orElse(relative * values[0]);
              return List.of(Matrix.column(Arrays.stream(values).filter(s -> s > least).count()));
            }));
  }

  private static Nested<KerasTensor> pinv(OperationCall call) {
    Operands operands = Operands.of(call);
    Value x = operands.tensor("x");
    Optional<Double> tolerance = operands.find("rcond").map(Operand::real);
    double precision = precision(x.dtype());
    return output(
        one(
            call.graph(),
            "Pinv",
            x,
            Shape.of(x.dim(-1), x.dim(-2)),
            matrix -> {
              double size = Math.max(matrix.rows(), matrix.columns());
              double relative = tolerance.orElse(PSEUDO_INVERSE_TOLERANCE * size * precision);
              SingularValueDecomposition svd = SingularValueDecomposition.of(matrix);
              double least = relative * svd.values()[0];
              return svd.inverse(s -> s > least);
            }));
  }
}
