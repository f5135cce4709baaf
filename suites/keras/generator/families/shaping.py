"""Layers that move numbers without changing them."""

from keras import layers

from draw import Draw
from families.convolution import image
from recipes import recipe


@recipe()
def flatten(draw: Draw):
    data_format = draw.data_format()
    return layers.Flatten(data_format=data_format)(draw.tensor(draw.shape(1, 4), draw.choice("float32", "int32")))


@recipe()
def reshape(draw: Draw):
    shape, targets = draw.choice(
        ((3, 4), [(12,), (4, 3), (2, -1), (-1,), (2, 3, 2)]), ((8,), [(2, 4), (-1, 2), (2, 2, 2)]), ((2, 3, 4), [(6, 4), (-1, 6), (24,)])
    )
    return layers.Reshape(draw.choice(*targets))(draw.tensor(shape, dynamic=(0,)))


@recipe()
def permute(draw: Draw):
    shape = draw.shape(1, 4)
    return layers.Permute(draw.shuffled(range(1, len(shape) + 1)))(draw.tensor(shape))


@recipe()
def repeat_vector(draw: Draw):
    return layers.RepeatVector(draw.integer(1, 4))(draw.tensor((draw.features(),)))


def sides(draw: Draw, rank: int, high: int):
    """One number, one for each dimension, or one for each of its two ends."""
    return draw.choice(
        draw.integer(0, high), draw.integers(rank, 0, high), tuple(draw.integers(2, 0, high) for _ in range(rank))
    )


@recipe(rank=(1, 2, 3))
def zero_padding(draw: Draw, rank: int):
    data_format = draw.data_format()
    padding = draw.choice(draw.integer(0, 3), draw.integers(2, 0, 3)) if rank == 1 else sides(draw, rank, 3)
    return getattr(layers, f"ZeroPadding{rank}D")(padding, data_format=data_format)(image(draw, rank, 2, data_format))


@recipe(rank=(1, 2, 3))
def cropping(draw: Draw, rank: int):
    if rank == 1:
        return layers.Cropping1D(draw.choice(draw.integer(0, 2), draw.integers(2, 0, 2)))(draw.tensor((6, 2), dynamic=(0,)))
    data_format = draw.data_format()
    return getattr(layers, f"Cropping{rank}D")(sides(draw, rank, 2), data_format=data_format)(image(draw, rank, 2, data_format))


@recipe(rank=(1, 2, 3))
def up_sampling(draw: Draw, rank: int):
    if rank == 1:
        return layers.UpSampling1D(draw.integer(1, 3))(draw.tensor((4, 2)))
    data_format, options = draw.data_format(), {}
    if rank == 2:
        options["interpolation"] = draw.choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    layer = getattr(layers, f"UpSampling{rank}D")(draw.size_or_sizes(rank, 1, 3), data_format=data_format, **options)
    return layer(draw.tensor(draw.spatial(rank, 2, data_format, 2, 4)))
