"""keras.ops that fold axes together, or run along them."""

import numpy
from keras import ops

from draw import Draw
from recipes import recipe

REDUCTIONS = ("sum", "prod", "mean", "std", "var", "max", "min", "amax", "amin", "all", "any", "count_nonzero", "logsumexp", "median", "ptp")
IGNORING_NAN = ("nansum", "nanprod", "nanmean", "nanstd", "nanvar", "nanmax", "nanmin", "nanmedian")
WITHOUT_KEEPDIMS = ("count_nonzero",)


def axes(draw: Draw, rank: int):
    """No axis, one, or several of a tensor with its batch."""
    return draw.choice(None, draw.integer(1, rank), -1, tuple(draw.subset(range(1, rank + 1))))


def reduce(draw: Draw, name: str, x):
    arguments = {"axis": axes(draw, len(x.shape) - 1)}
    if name not in WITHOUT_KEEPDIMS:
        arguments["keepdims"] = draw.flag()
    return getattr(ops, name)(x, **arguments)


@recipe(share=8)
def reduction(draw: Draw):
    return reduce(draw, draw.choice(*REDUCTIONS), draw.tensor(draw.shape(), draw.dtype()))


@recipe(share=2)
def reduction_ignoring_nan(draw: Draw):
    shape = draw.shape()
    values = draw.values((2, *shape))
    values[draw.numbers.random(values.shape) < 0.3] = numpy.nan
    return reduce(draw, draw.choice(*IGNORING_NAN), draw.tensor(shape, values=values))


@recipe(share=2)
def position(draw: Draw):
    shape = draw.shape()
    axis = draw.choice(None, -1, draw.integer(1, len(shape)))
    x = draw.tensor(shape, draw.choice("float32", "int32", "float16"))
    return getattr(ops, draw.choice("argmax", "argmin", "nanargmax", "nanargmin"))(x, axis=axis, keepdims=draw.flag())


@recipe(share=2)
def running(draw: Draw):
    shape = draw.shape()
    x = draw.tensor(shape, draw.choice("float32", "int32", "bool", "uint8", "float16"), low=-1, high=1)
    name = draw.choice("cumsum", "cumprod", "nancumsum", "nancumprod")
    return getattr(ops, name)(x, axis=draw.choice(-1, draw.integer(1, len(shape))))


@recipe()
def difference(draw: Draw):
    return ops.diff(draw.tensor((5, 4), draw.choice("float32", "int32")), n=draw.integer(1, 2), axis=draw.choice(-1, 1))


@recipe()
def average(draw: Draw):
    shape = draw.shape()
    x = draw.tensor(shape, draw.choice("float32", "int32"))
    if draw.flag():
        return ops.average(x, axis=draw.choice(None, -1))
    return ops.average(x, axis=-1, weights=draw.tensor(shape, low=0.1, high=1))


@recipe()
def quantile(draw: Draw):
    name, points = draw.choice(("quantile", [0.25, 0.5, 1.0]), ("percentile", [25.0, 50.0, 100.0]))
    method = draw.choice("linear", "lower", "higher", "nearest", "midpoint")
    wanted = draw.choice(points[0], points)
    return getattr(ops, name)(draw.tensor((4, 3)), wanted, axis=draw.choice(1, -1), method=method, keepdims=draw.flag())


@recipe()
def moments(draw: Draw):
    shape = draw.shape(2, 3)
    return ops.moments(draw.tensor(shape, draw.choice("float32", "float16")), draw.subset(range(1, len(shape) + 1)), keepdims=draw.flag())


@recipe()
def norm(draw: Draw):
    x = draw.tensor((3, 4), draw.choice("float32", "int32"))
    order, axis = draw.choice((None, -1), (1, 1), (2, -1), (numpy.inf, -1), (-numpy.inf, 1), (3, -1), ("fro", (1, 2)), (1, (1, 2)), ("nuc", (1, 2)), (2, (1, 2)))
    return ops.norm(x, ord=order, axis=axis, keepdims=draw.flag())


@recipe()
def normalize(draw: Draw):
    return ops.normalize(draw.tensor((3, 4)), axis=draw.choice(-1, 1), order=draw.choice(1, 2, 3))


@recipe()
def trapezoid(draw: Draw):
    return ops.trapezoid(draw.tensor((3, 4)), dx=draw.choice(1.0, 0.5), axis=draw.choice(-1, 1))


@recipe()
def segments(draw: Draw):
    """Sums, products and extremes over runs of the batch; with as many segments as ids name."""
    ids = draw.choice(numpy.array([0, 1]), numpy.array([0, 0]))
    name = draw.choice("segment_sum", "segment_max", "segment_min", "segment_prod")
    return getattr(ops, name)(draw.tensor((3, 2)), ids, num_segments=int(ids.max()) + 1)


@recipe()
def all_close(draw: Draw):
    x = draw.tensor((3,))
    return ops.allclose(x, x + draw.choice(0.0, 1e-9, 0.5))
