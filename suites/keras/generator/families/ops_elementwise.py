"""keras.ops that work number by number, with every pair of dtypes that promotion has to bring together."""

import numpy
from keras import ops

from draw import INTEGERS, Draw
from families.merging import broadcastable
from recipes import recipe

ANYWHERE = (-3.0, 3.0)
DOMAINS = {
    "arccos": (-1, 1), "arcsin": (-1, 1), "arctanh": (-0.9, 0.9), "arccosh": (1, 5), "erfinv": (-0.9, 0.9),
    "log": (0.1, 5), "log10": (0.1, 5), "log1p": (-0.5, 5), "log2": (0.1, 5), "rsqrt": (0.2, 5), "sqrt": (0, 5),
    "reciprocal": (0.3, 3), "tan": (-1.2, 1.2),
}  # fmt: skip
UNARY = (
    "abs", "absolute", "angle", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "conj",
    "conjugate",    "copy", "cos", "cosh", "deg2rad", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "fabs", "floor", "i0",
    "imag", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "log", "log10", "log1p", "log2",
    "logical_not", "negative", "ones_like", "rad2deg", "real", "reciprocal", "round", "rsqrt", "sign", "signbit",
    "sin", "sinc", "sinh", "sqrt", "square", "stop_gradient", "tan", "tanh", "trunc", "zeros_like", "nan_to_num",
)  # fmt: skip
ACTIVATIONS = (
    "celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu",
    "log_sigmoid", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus",
    "sparse_sigmoid", "squareplus", "swish", "tanh_shrink", "threshold",
)  # fmt: skip
BINARY = (
    "add", "arctan2", "divide", "divide_no_nan", "floor_divide", "fmax", "fmin", "fmod", "heaviside", "hypot",
    "logaddexp", "logaddexp2", "maximum", "minimum", "mod", "multiply", "nextafter", "power", "subtract", "true_divide",
)  # fmt: skip
COMPARISONS = ("equal", "greater", "greater_equal", "less", "less_equal", "not_equal", "isclose")
LOGICAL = ("logical_and", "logical_or", "logical_xor")
BITWISE = ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm")
SHIFTS = ("bitwise_left_shift", "bitwise_right_shift", "left_shift", "right_shift")


@recipe(share=8)
def unary(draw: Draw):
    name = draw.choice(*UNARY)
    low, high = DOMAINS.get(name, ANYWHERE)
    return getattr(ops, name)(draw.tensor(draw.shape(), draw.dtype(), low=low, high=high))


@recipe(share=3)
def activation_function(draw: Draw):
    name = draw.choice(*ACTIVATIONS)
    arguments = {
        "celu": {"alpha": draw.real(0.3, 2)},
        "elu": {"alpha": draw.real(0.3, 2)},
        "gelu": {"approximate": draw.flag()},
        "hard_shrink": {"threshold": draw.real(0.1, 1)},
        "leaky_relu": {"negative_slope": draw.real(0, 0.5)},
        "soft_shrink": {"threshold": draw.real(0.1, 1)},
        "threshold": {"threshold": draw.real(-1, 1), "default_value": draw.real(-1, 1)},
        "squareplus": {"b": draw.choice(2, 4)},
    }.get(name, {})
    return getattr(ops, name)(draw.tensor(draw.shape(), draw.choice("float32", "float16", "float64"), low=-5, high=5), **arguments)


def other_operand(draw: Draw, shape, low=-3.0, high=3.0):
    """A second tensor of any dtype, a Python number or a NumPy array."""
    return draw.choice(
        lambda: draw.tensor(broadcastable(draw, shape), draw.dtype(), low=low, high=high),
        lambda: draw.integer(max(int(low), 1), max(int(high), 1)),
        lambda: draw.real(low, high),
        lambda: draw.values(shape[-1:], draw.choice("float32", "int32", "float64", "int64"), low, high),
    )()


@recipe(share=8)
def binary(draw: Draw):
    name, shape = draw.choice(*BINARY), draw.shape()
    low = 0.2 if name in ("power", "divide", "true_divide", "mod", "fmod", "floor_divide") else -3.0
    first, second = draw.tensor(shape, draw.dtype(), low=low, high=3), other_operand(draw, shape, max(low, -3.0))
    if name in ("floor_divide", "mod", "fmod", "divide", "true_divide"):
        second = ops.add(ops.abs(second), 1)
    return getattr(ops, name)(*((first, second) if draw.flag(0.7) or "div" in name or "mod" in name else (second, first)))


@recipe(share=2)
def operator(draw: Draw):
    """Python's own operators on symbolic tensors."""
    shape = draw.shape()
    x, y = draw.tensor(shape, draw.dtype(), low=1, high=4), other_operand(draw, shape, 1, 4)
    return draw.choice(
        lambda: x + y, lambda: y + x, lambda: x - y, lambda: y - x, lambda: x * y, lambda: x / y, lambda: y / x,
        lambda: x // y, lambda: x % y, lambda: x**2, lambda: -x, lambda: abs(x), lambda: x > y, lambda: x <= y,
        lambda: x == y, lambda: x != y,
    )()  # fmt: skip


@recipe(share=2)
def comparison(draw: Draw):
    shape = draw.shape()
    x = draw.tensor(shape, draw.dtype(), low=-2, high=2)
    return getattr(ops, draw.choice(*COMPARISONS))(x, other_operand(draw, shape, -2, 2))


@recipe()
def logical(draw: Draw):
    shape = draw.shape()
    first, second = (draw.tensor(shape, draw.choice("bool", "bool", "int32", "float32"), low=0, high=2) for _ in range(2))
    return getattr(ops, draw.choice(*LOGICAL))(first, second)


@recipe()
def bitwise(draw: Draw):
    shape = draw.shape()
    first, second = (draw.tensor(shape, draw.choice(*INTEGERS), low=1, high=100) for _ in range(2))
    return draw.choice(
        lambda: getattr(ops, draw.choice(*BITWISE))(first, second),
        lambda: ops.bitwise_not(first),
        lambda: ops.bitwise_invert(first),
    )()


@recipe()
def shift(draw: Draw):
    shape, dtype = draw.shape(), draw.choice(*INTEGERS)
    first, second = draw.tensor(shape, dtype, low=0, high=20), draw.tensor(shape, dtype, low=0, high=3)
    return getattr(ops, draw.choice(*SHIFTS))(first, second)


@recipe()
def ldexp(draw: Draw):
    shape = draw.shape()
    return ops.ldexp(draw.tensor(shape, draw.choice("float32", "float64")), draw.tensor(shape, "int32", low=-4, high=4))


@recipe()
def clip(draw: Draw):
    low = draw.real(-2, 0)
    return ops.clip(draw.tensor(draw.shape(), draw.dtype()), draw.choice(low, int(low)), draw.choice(low + 1.5, 2))


@recipe(share=3)
def cast(draw: Draw):
    low = draw.choice(0, -3)
    x = draw.tensor(draw.shape(), draw.dtype(), low=low, high=3)
    unsigned = () if low < 0 else ("uint8", "uint16", "uint32")
    target = draw.choice("float32", "float16", "bfloat16", "float64", "int8", "int16", "int32", "int64", "bool", *unsigned)
    return ops.cast(x, target)


@recipe()
def saturate_cast(draw: Draw):
    return ops.saturate_cast(draw.tensor(draw.shape(), "float32", low=-400, high=400), draw.choice("uint8", "int8", "int16"))


@recipe()
def not_finite(draw: Draw):
    """NaN and the infinities through ops that have an opinion on them."""
    shape = draw.shape()
    values = draw.values((2, *shape))
    values[draw.numbers.random(values.shape) < 0.3] = draw.choice(numpy.nan, numpy.inf, -numpy.inf)
    x = draw.tensor(shape, values=values)
    y = draw.tensor(shape)
    return draw.choice(
        lambda: ops.isnan(x), lambda: ops.isinf(x), lambda: ops.isfinite(x), lambda: ops.nan_to_num(x),
        lambda: ops.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-2.0), lambda: ops.fmax(x, y), lambda: ops.fmin(x, y),
        lambda: ops.maximum(x, y), lambda: ops.relu(x), lambda: ops.sign(x), lambda: ops.isclose(x, y, equal_nan=True),
        lambda: ops.softmax(x), lambda: ops.where(ops.isnan(x), y, x), lambda: ops.tanh(x), lambda: ops.max(x, axis=-1),
    )()  # fmt: skip


@recipe()
def round_to_decimals(draw: Draw):
    return ops.round(draw.tensor(draw.shape(), draw.choice("float32", "float64", "int32"), low=-9, high=9), draw.integer(0, 2))
