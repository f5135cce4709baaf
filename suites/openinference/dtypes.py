"""A model for each number type: what goes in comes out twice."""

import keras
import ml_dtypes
import numpy

ALL = (
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64",
)  # fmt: skip


def doubling(dtype: str) -> keras.Model:
    values = keras.Input((3,), dtype=dtype, name="values")
    return keras.Model(values, keras.ops.concatenate([values, values], axis=-1))


def extremes(dtype: str) -> numpy.ndarray:
    """Two rows with the least and the greatest values of a type."""
    if dtype == "bool":
        return numpy.array([[True, False, True], [False, False, True]])
    if dtype in ("float16", "float32", "float64", "bfloat16"):
        limits = ml_dtypes.finfo(dtype)
        rows = [[limits.min, limits.max, limits.tiny], [0.1, -0.0, 3]]
        return numpy.array(rows, ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    limits = numpy.iinfo(dtype)
    return numpy.array([[limits.min, limits.max, 0], [1, 2, limits.max - 1]], dtype)
