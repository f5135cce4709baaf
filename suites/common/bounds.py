"""When an answer equals Keras's.

A float32 output matches when |a - b| <= 1e-5 + 1e-4 |b| element by element (float16 and bfloat16: 2e-2, float64:
1e-9); integers, booleans and strings match exactly; NaN matches NaN, and an infinity the same infinity.
"""

import numpy

BOUNDS = {
    "float16": (2e-2, 2e-2),
    "bfloat16": (2e-2, 2e-2),
    "float32": (1e-5, 1e-4),
    "float64": (1e-9, 1e-9),
}


def difference(answer: numpy.ndarray, keras: numpy.ndarray, dtype: str, tolerance: float | None = None) -> str | None:
    """What sets `answer` apart from Keras's, or None when they match.

    `dtype` is Keras's dtype, since bfloat16 travels as float32; `tolerance` replaces the bounds of a single case.
    """
    if answer.shape != keras.shape:
        return f"the shape is {list(answer.shape)}, Keras's is {list(keras.shape)}"
    if keras.dtype.kind not in "USO" and answer.dtype != keras.dtype:
        return f"the dtype is {answer.dtype}, Keras's is {keras.dtype}"
    if keras.dtype.kind in "USO":
        return count(answer.astype(str) != keras.astype(str), "texts differ")
    if keras.dtype.kind in "biu":
        return count(answer != keras, "integers differ")
    absolute, relative = (tolerance, tolerance) if tolerance else BOUNDS[dtype]
    wide = numpy.complex128 if keras.dtype.kind == "c" else numpy.float64
    answer, keras = answer.astype(wide), keras.astype(wide)
    with numpy.errstate(invalid="ignore"):
        distance = numpy.abs(answer - keras)
        same = (distance <= absolute + relative * numpy.abs(keras)) | (answer == keras)
    same |= numpy.isnan(answer) & numpy.isnan(keras)
    if same.all():
        return None
    worst = numpy.unravel_index(numpy.argmax(numpy.where(same, -1, numpy.nan_to_num(distance, nan=numpy.inf))), same.shape)
    where = ", ".join(map(str, worst))
    return count(~same, f"numbers differ, most at [{where}]: {answer[worst]} for Keras's {keras[worst]}")


def count(wrong: numpy.ndarray, what: str) -> str | None:
    return f"{numpy.count_nonzero(wrong)} of {wrong.size} {what}" if wrong.any() else None
