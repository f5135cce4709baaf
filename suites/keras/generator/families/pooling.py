"""Pooling over windows, over everything, and to a chosen size."""

from keras import layers

from draw import Draw
from families.convolution import image
from recipes import recipe


def class_of(name: str, rank: int):
    return getattr(layers, f"{name}{rank}D")


@recipe(rank=(1, 2, 3))
def pooling(draw: Draw, rank: int):
    data_format = draw.data_format()
    return class_of(draw.choice("MaxPooling", "AveragePooling"), rank)(
        draw.size_or_sizes(rank, 1, 3),
        strides=draw.choice(None, draw.size_or_sizes(rank, 1, 3)),
        padding=draw.choice("valid", "same"),
        data_format=data_format,
        dtype=draw.policy(),
    )(image(draw, rank, draw.integer(1, 3), data_format))


@recipe(rank=(1, 2, 3))
def global_pooling(draw: Draw, rank: int):
    data_format = draw.data_format()
    layer = class_of(draw.choice("GlobalMaxPooling", "GlobalAveragePooling"), rank)
    return layer(data_format=data_format, keepdims=draw.flag(), dtype=draw.policy())(
        image(draw, rank, draw.integer(1, 3), data_format)
    )


@recipe(rank=(1, 2, 3))
def adaptive_pooling(draw: Draw, rank: int):
    data_format = draw.data_format()
    layer = class_of(draw.choice("AdaptiveMaxPooling", "AdaptiveAveragePooling"), rank)
    return layer(draw.size_or_sizes(rank, 1, 5), data_format=data_format)(
        draw.tensor(draw.spatial(rank, draw.integer(1, 3), data_format))
    )


@recipe()
def masked_global_average(draw: Draw):
    return layers.GlobalAveragePooling1D(keepdims=draw.flag())(draw.masked((5, 3), dynamic=(0,)))
