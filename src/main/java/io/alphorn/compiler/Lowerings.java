package io.alphorn.compiler;

import io.alphorn.compiler.layers.ActivationLayers;
import io.alphorn.compiler.layers.ConvolutionLayers;
import io.alphorn.compiler.layers.CoreLayers;
import io.alphorn.compiler.layers.EinsumDenseLayer;
import io.alphorn.compiler.layers.EmbeddingLayers;
import io.alphorn.compiler.layers.MergingLayers;
import io.alphorn.compiler.layers.MultiHeadAttentionLayers;
import io.alphorn.compiler.layers.NormalizationLayers;
import io.alphorn.compiler.layers.PoolingLayers;
import io.alphorn.compiler.layers.RecurrentLayers;
import io.alphorn.compiler.layers.RegularizationLayers;
import io.alphorn.compiler.layers.ReshapingLayers;
import io.alphorn.compiler.layers.WrapperLayers;
import io.alphorn.compiler.ops.ActivationOps;
import io.alphorn.compiler.ops.AttentionOps;
import io.alphorn.compiler.ops.CoreOps;
import io.alphorn.compiler.ops.EinopsOps;
import io.alphorn.compiler.ops.EncodingOps;
import io.alphorn.compiler.ops.LinalgOps;
import io.alphorn.compiler.ops.LossOps;
import io.alphorn.compiler.ops.MathOps;
import io.alphorn.compiler.ops.NormalizationOps;
import io.alphorn.compiler.ops.NumpyArithmetic;
import io.alphorn.compiler.ops.NumpyIndexing;
import io.alphorn.compiler.ops.NumpyLogic;
import io.alphorn.compiler.ops.NumpyProducts;
import io.alphorn.compiler.ops.NumpyReductions;
import io.alphorn.compiler.ops.NumpyShapes;
import io.alphorn.compiler.ops.NumpyUnary;
import io.alphorn.compiler.ops.PatchOps;
import io.alphorn.compiler.ops.SegmentOps;
import io.alphorn.compiler.ops.SpectralOps;
import io.alphorn.compiler.ops.WindowOps;
import io.alphorn.compiler.ops.NumpyComplex;
import io.alphorn.compiler.ops.NumpyDiagonals;
import io.alphorn.compiler.ops.NumpyFills;
import io.alphorn.compiler.ops.NumpyQuantiles;
import io.alphorn.compiler.ops.NumpySorting;
import io.alphorn.compiler.ops.NumpyStatistics;
import io.alphorn.compiler.preprocessing.CategoryEncodings;
import io.alphorn.compiler.preprocessing.Hashings;
import io.alphorn.compiler.preprocessing.ImageLayers;
import io.alphorn.compiler.preprocessing.Lookups;
import io.alphorn.compiler.preprocessing.NumericLayers;
import io.alphorn.compiler.preprocessing.RandomImageLayers;
import io.alphorn.compiler.preprocessing.SignalLayers;
import io.alphorn.compiler.preprocessing.TextVectorizations;

/** The list of all families of lowerings. */
public final class Lowerings {
  private Lowerings() {}

  /** A registry of everything that Alphorn compiles. */
  public static LoweringRegistry all() {
    LoweringRegistry registry = new LoweringRegistry();
    CoreLayers.register(registry);
    ActivationLayers.register(registry);
    ConvolutionLayers.register(registry);
    MergingLayers.register(registry);
    NormalizationLayers.register(registry);
    PoolingLayers.register(registry);
    RegularizationLayers.register(registry);
    ReshapingLayers.register(registry);
    WrapperLayers.register(registry);
    NumericLayers.register(registry);
    ImageLayers.register(registry);
    RandomImageLayers.register(registry);
    EinsumDenseLayer.register(registry);
    EmbeddingLayers.register(registry);
    MultiHeadAttentionLayers.register(registry);
    RecurrentLayers.register(registry);
    CategoryEncodings.register(registry);
    Hashings.register(registry);
    Lookups.register(registry);
    TextVectorizations.register(registry);
    ActivationOps.register(registry);
    SignalLayers.register(registry);
    PatchOps.register(registry);
    WindowOps.register(registry);
    SpectralOps.register(registry);
    SegmentOps.register(registry);
    MathOps.register(registry);
    LinalgOps.register(registry);
    NumpyArithmetic.register(registry);
    NumpyLogic.register(registry);
    NumpyIndexing.register(registry);
    NumpyProducts.register(registry);
    NumpyShapes.register(registry);
    NumpyReductions.register(registry);
    NumpyUnary.register(registry);
    NumpyComplex.register(registry);
    NumpyDiagonals.register(registry);
    NumpyFills.register(registry);
    NumpyQuantiles.register(registry);
    NumpySorting.register(registry);
    NumpyStatistics.register(registry);
    EinopsOps.register(registry);
    AttentionOps.register(registry);
    LossOps.register(registry);
    NormalizationOps.register(registry);
    EncodingOps.register(registry);
    CoreOps.register(registry);
    return registry;
  }
}
