"""keras.ops that move, repeat, cut and join."""

import numpy
from keras import ops

from draw import Draw
from recipes import recipe


def axis_of(draw: Draw, rank: int) -> int:
    return draw.choice(draw.integer(1, rank), -draw.integer(1, rank))


@recipe(share=6)
def moving(draw: Draw):
    shape = draw.shape(2, 3)
    rank = len(shape)
    x = draw.tensor(shape, draw.dtype())
    axis = axis_of(draw, rank)
    return draw.choice(
        lambda: ops.transpose(x, (0, *draw.shuffled(range(1, rank + 1)))),
        lambda: ops.transpose(x),
        lambda: ops.swapaxes(x, 1, -1),
        lambda: ops.moveaxis(x, 1, -1),
        lambda: ops.moveaxis(x, [1, 2], [-1, 1]),
        lambda: ops.flip(x, axis=draw.choice(None, axis, (1, 2))),
        lambda: ops.fliplr(x),
        lambda: ops.flipud(x),
        lambda: ops.roll(x, draw.integer(-3, 3), axis=draw.choice(None, axis)),
        lambda: ops.rot90(x, k=draw.integer(0, 3), axes=(1, 2)),
        lambda: ops.expand_dims(x, axis),
        lambda: ops.expand_dims(x, (1, -1)),
        lambda: ops.squeeze(ops.expand_dims(x, axis), axis),
        lambda: ops.reshape(x, (-1, int(numpy.prod(shape)))),
        lambda: ops.reshape(x, (-1, shape[0], int(numpy.prod(shape[1:])))),
        lambda: ops.ravel(x),
        lambda: ops.rearrange(x, "b x ... -> b ... x"),
        lambda: ops.broadcast_to(ops.expand_dims(x, 1), (2, 3, *shape)),
    )()


@recipe(share=4)
def repeating(draw: Draw):
    shape = draw.shape(2, 3)
    x = draw.tensor(shape, draw.dtype())
    axis = axis_of(draw, len(shape))
    return draw.choice(
        lambda: ops.repeat(x, draw.integer(1, 3), axis=draw.choice(None, axis)),
        lambda: ops.repeat(x, list(draw.integers(shape[0], 1, 3)), axis=1),
        lambda: ops.tile(x, (1, *draw.integers(len(shape), 1, 2))),
        lambda: ops.tile(x, draw.integer(1, 2)),
        lambda: ops.pad(x, ((0, 0), *(draw.integers(2, 0, 1) for _ in shape)), mode=draw.choice("constant", "reflect", "symmetric")),
        lambda: ops.pad(x, ((0, 0), *(draw.integers(2, 0, 2) for _ in shape)), constant_values=draw.integer(0, 1)),
        lambda: ops.meshgrid(ops.ravel(x), ops.ravel(x), indexing=draw.choice("xy", "ij")),
    )()


@recipe(share=6)
def item(draw: Draw):
    """Indexing with numbers, slices, ellipses, new axes and arrays."""
    shape = draw.integers(draw.integer(1, 3), 3, 5)
    x = draw.tensor(shape, draw.choice("float32", "int32", "bool"))

    def index(size: int):
        return draw.choice(
            draw.integer(0, size - 1),
            -draw.integer(1, size),
            slice(None),
            slice(draw.integer(0, 1), draw.choice(None, size - 1, -1)),
            slice(None, None, draw.choice(2, -1)),
            slice(-2, None),
        )

    key = [slice(None), *(index(size) for size in shape[: draw.integer(1, len(shape))])]
    if draw.flag(0.3):
        key.insert(draw.integer(1, len(key)), None)
    if draw.flag(0.3):
        key = [*key[: draw.integer(1, len(key))], Ellipsis]
    return x[tuple(key)]


@recipe(share=4)
def joining(draw: Draw):
    shape = draw.shape(1, 3)
    first, second = draw.tensor(shape, draw.dtype()), draw.tensor(shape, draw.dtype())
    axis = axis_of(draw, len(shape))
    return draw.choice(
        lambda: ops.concatenate([first, second], axis=axis),
        lambda: ops.concatenate([first, second, first], axis=axis),
        lambda: ops.stack([first, second], axis=draw.choice(1, -1)),
        lambda: ops.hstack([first, second]),
        lambda: ops.vstack([first, second]),
        lambda: ops.dstack([first, second]),
        lambda: ops.append(first, second, axis=axis),
    )()


@recipe(share=2)
def splitting(draw: Draw):
    x = draw.tensor((6, 4), draw.choice("float32", "int32"))
    return draw.choice(
        lambda: ops.split(x, draw.choice(2, 3, [1, 4]), axis=1),
        lambda: ops.split(x, 2, axis=-1),
        lambda: ops.array_split(x, 4, axis=1),
        lambda: ops.unstack(x, axis=draw.choice(1, -1)),
        lambda: ops.hsplit(x, 3),
        lambda: ops.vsplit(x, 2),
        lambda: ops.dsplit(x, 2),
    )()


@recipe(share=2)
def taking(draw: Draw):
    shape = draw.integers(2, 3, 5)
    x = draw.tensor(shape, draw.choice("float32", "int32"))
    axis = draw.choice(1, 2, -1)
    size = shape[axis - 1] if axis > 0 else shape[-1]
    return draw.choice(
        lambda: ops.take(x, draw.tokens((2,), size), axis=axis),
        lambda: ops.take(x, draw.choice(numpy.array([0, 2, -1]), [1, 1], 2), axis=axis),
        lambda: ops.take_along_axis(x, draw.tokens(shape, size), axis=axis),
        lambda: ops.slice(x, (0, 1, 0), (2, 2, 2)),
        lambda: ops.slice_update(x, (0, 1, 1), draw.tensor((2, 2), draw.choice("float32", "int32"))),
        lambda: ops.scatter_update(x, [[0, 1, 2], [1, 0, 0]], numpy.array([7, 8])),
    )()


@recipe(share=2)
def diagonals(draw: Draw):
    x = draw.tensor((3, 4), draw.choice("float32", "int32", "bool"))
    k = draw.integer(-2, 2)
    return draw.choice(
        lambda: ops.tril(x, k),
        lambda: ops.triu(x, k),
        lambda: ops.diagonal(x, k, 1, 2),
        lambda: ops.trace(x, k, 1, 2),
        lambda: ops.diag(x[0, 0], k),
        lambda: ops.diagflat(x[0, 0], k),
    )()


@recipe()
def scattering(draw: Draw):
    indices = draw.tensor((1,), "int32", values=[[3], [1]])
    return draw.choice(
        lambda: ops.scatter(indices, draw.tensor((2,)), (5, 2)),
        lambda: ops.unravel_index(draw.tokens((3,), 12), (3, 4)),
        lambda: ops.nonzero(draw.tensor((3,), "int32", values=[[0, 2, 0], [1, 0, 3]])),
        lambda: ops.view(draw.tensor((4,), "float32"), draw.choice("int32", "uint32")),
        lambda: ops.size(draw.tensor((4,))),
    )()


@recipe()
def spacing(draw: Draw):
    """Numbers between two ends, which the batch holds."""
    start, stop = draw.tensor((), low=1, high=2), draw.tensor((), low=3, high=5)
    count = draw.integer(2, 5)
    return draw.choice(
        lambda: ops.linspace(start, stop, count, endpoint=draw.flag(), axis=draw.choice(0, -1)),
        lambda: ops.logspace(start, stop, count, base=draw.choice(2, 10)),
        lambda: ops.geomspace(start, stop, count),
        lambda: ops.vander(start, draw.choice(None, 3), increasing=draw.flag()),
    )()


@recipe()
def blocks(draw: Draw):
    data_format = draw.data_format()
    if draw.flag():
        return ops.depth_to_space(draw.tensor(draw.choice((2, 3, 8), (8, 2, 3))), 2, data_format=data_format)
    return ops.space_to_depth(draw.tensor((4, 4, 4)), 2, data_format=data_format)


@recipe()
def like(draw: Draw):
    """New tensors of an input's shape, added to it so that they depend on it."""
    x = draw.tensor(draw.shape(), draw.dtype())
    dtype = draw.choice(None, "float32", "int32")
    return draw.choice(
        lambda: ops.ones_like(x, dtype=dtype), lambda: ops.zeros_like(x, dtype=dtype), lambda: ops.full_like(x, 2, dtype=dtype)
    )()
