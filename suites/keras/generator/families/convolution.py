"""Convolutions of every kind, with all their arguments."""

from keras import layers

from draw import Draw
from recipes import recipe

CONV = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}
TRANSPOSE = {1: layers.Conv1DTranspose, 2: layers.Conv2DTranspose, 3: layers.Conv3DTranspose}
DEPTHWISE = {1: layers.DepthwiseConv1D, 2: layers.DepthwiseConv2D}
SEPARABLE = {1: layers.SeparableConv1D, 2: layers.SeparableConv2D}


def strides_or_dilation(draw: Draw, rank: int) -> dict:
    """Keras allows one of the two to differ from 1."""
    return draw.choice(
        lambda: {},
        lambda: {"strides": draw.size_or_sizes(rank, 1, 3)},
        lambda: {"dilation_rate": draw.size_or_sizes(rank, 1, 2)},
    )()


def image(draw: Draw, rank: int, channels: int, data_format: str):
    shape = draw.spatial(rank, channels, data_format)
    # Of channels-first images the width is the model's own: Keras adds the bias of some convolutions along it where a run
    # has as many columns as there are channels, which a server must not (docs/decisions/0004).
    dynamic = range(rank) if data_format == "channels_last" else range(1, rank)
    return draw.tensor(shape, dynamic=tuple(dynamic))


@recipe(rank=(1, 2, 3))
def conv(draw: Draw, rank: int):
    data_format, groups = draw.data_format(), draw.choice(1, 1, 2, 3)
    paddings = ("valid", "same", "causal") if rank == 1 and data_format == "channels_last" else ("valid", "same")
    return CONV[rank](
        groups * draw.integer(1, 3),
        draw.size_or_sizes(rank, 1, 3),
        padding=draw.choice(*paddings),
        data_format=data_format,
        groups=groups,
        activation=draw.activation(),
        use_bias=draw.flag(),
        dtype=draw.policy(),
        **strides_or_dilation(draw, rank),
    )(image(draw, rank, groups * draw.integer(1, 2), data_format))


@recipe(rank=(1, 2, 3))
def conv_transpose(draw: Draw, rank: int):
    data_format = draw.data_format()
    strides = draw.integers(rank, 1, 3)
    output_padding = draw.choice(None, tuple(draw.integer(0, stride - 1) for stride in strides))
    options = {"strides": strides, "output_padding": output_padding}
    if draw.flag(0.3):
        options = {"dilation_rate": draw.size_or_sizes(rank, 1, 2)}
    return TRANSPOSE[rank](
        draw.integer(1, 4),
        draw.size_or_sizes(rank, 1, 4),
        padding=draw.choice("valid", "same"),
        data_format=data_format,
        activation=draw.activation(),
        use_bias=draw.flag(),
        dtype=draw.policy(),
        **options,
    )(image(draw, rank, draw.integer(1, 3), data_format))


@recipe(rank=(1, 2))
def depthwise_conv(draw: Draw, rank: int):
    data_format = draw.data_format()
    options = draw.choice({}, {"strides": draw.integer(1, 3)}, {"dilation_rate": draw.size_or_sizes(rank, 1, 2)})
    return DEPTHWISE[rank](
        draw.size_or_sizes(rank, 1, 3),
        padding=draw.choice("valid", "same"),
        depth_multiplier=draw.integer(1, 3),
        data_format=data_format,
        activation=draw.activation(),
        use_bias=draw.flag(),
        dtype=draw.policy(),
        **options,
    )(image(draw, rank, draw.integer(1, 3), data_format))


@recipe(rank=(1, 2))
def separable_conv(draw: Draw, rank: int):
    data_format = draw.data_format()
    options = draw.choice({}, {"strides": draw.integer(1, 3)}, {"dilation_rate": draw.size_or_sizes(rank, 1, 2)})
    return SEPARABLE[rank](
        draw.integer(1, 4),
        draw.size_or_sizes(rank, 1, 3),
        padding=draw.choice("valid", "same"),
        depth_multiplier=draw.integer(1, 2),
        data_format=data_format,
        activation=draw.activation(),
        use_bias=draw.flag(),
        dtype=draw.policy(),
        **options,
    )(image(draw, rank, draw.integer(1, 3), data_format))


@recipe()
def convolution_block(draw: Draw):
    """Convolution, normalization, activation and pooling in a row, as networks have them: what passes fuse."""
    data_format = draw.data_format()
    channel_axis = -1 if data_format == "channels_last" else 1
    x = image(draw, 2, 2, data_format)
    for _ in range(draw.integer(1, 3)):
        x = layers.Conv2D(draw.integer(2, 4), 3, padding="same", use_bias=draw.flag(), data_format=data_format)(x)
        if draw.flag():
            x = layers.BatchNormalization(axis=channel_axis, scale=draw.flag(), center=draw.flag())(x)
        x = layers.Activation(draw.choice("relu", "silu", "gelu", "relu6", "hard_silu"))(x)
        if draw.flag():
            pool = draw.choice(layers.MaxPooling2D, layers.AveragePooling2D)
            x = pool(2, padding="same", data_format=data_format)(x)
        if draw.flag(0.3):
            x = layers.Add()([x, layers.ZeroPadding2D(0, data_format=data_format)(x)])
    end = draw.choice(layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)
    return end(data_format=data_format, keepdims=draw.flag())(x)


@recipe()
def spectral_normalization(draw: Draw):
    wrapped = draw.choice(layers.Conv2D(3, 3), layers.Dense(4))
    return layers.SpectralNormalization(wrapped, power_iterations=draw.integer(1, 2))(draw.tensor((5, 5, 2)))
