"""Chance, in the terms of Keras: shapes, dtypes, arguments, inputs and weights that one seed decides."""

import random
from collections.abc import Sequence

import keras
import ml_dtypes
import numpy

BATCH = 2
FLOATS = ("float32", "float16", "bfloat16", "float64")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32")
INTEGERS = SIGNED + UNSIGNED
WORDS = ("horn", "alp", "cow", "bell", "Kuh", "grüezi", "a", "", "yodel", "echo", "echo echo", "3")


class Draw:
    """One seed's choices. Each input that a recipe asks for is remembered with the values to feed it."""

    def __init__(self, seed: str):
        self.random = random.Random(seed)
        self.numbers = numpy.random.default_rng(list(seed.encode()))
        self.inputs: list[keras.KerasTensor] = []
        self.feeds: list[numpy.ndarray] = []

    def choice(self, *options):
        return self.random.choice(options)

    def flag(self, probability: float = 0.5) -> bool:
        return self.random.random() < probability

    def integer(self, low: int, high: int) -> int:
        """A whole number between the two, both included."""
        return self.random.randint(low, high)

    def integers(self, count: int, low: int, high: int) -> tuple[int, ...]:
        return tuple(self.integer(low, high) for _ in range(count))

    def real(self, low: float, high: float) -> float:
        """A number of few digits, so that it reads well in a config."""
        return round(self.random.uniform(low, high), 2)

    def shuffled(self, items: Sequence) -> list:
        return self.random.sample(list(items), len(items))

    def subset(self, items: Sequence, least: int = 1) -> list:
        return sorted(self.random.sample(list(items), self.integer(least, len(items))))

    def size_or_sizes(self, rank: int, low: int, high: int):
        """One number for all spatial dimensions, or one for each."""
        return self.integer(low, high) if self.flag() else self.integers(rank, low, high)

    def data_format(self) -> str:
        return self.choice("channels_last", "channels_last", "channels_first")

    def activation(self):
        return self.choice(
            None, "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "tanh", "sigmoid",
            "hard_sigmoid", "hard_silu", "hard_tanh", "softplus", "softsign", "exponential", "linear", "squareplus",
            "log_sigmoid", "soft_shrink", "hard_shrink", "tanh_shrink", "sparse_plus", "sparse_sigmoid",
        )  # fmt: skip

    def policy(self) -> str:
        """A dtype policy, most often float32."""
        if self.flag(0.8):
            return "float32"
        return self.choice("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")

    def dtype(self) -> str:
        """Any dtype that ONNX and Keras both know."""
        return self.choice("float32", "float32", *FLOATS, *INTEGERS, "bool")

    def features(self, *, low: int = 2, high: int = 6) -> int:
        return self.integer(low, high)

    def shape(self, low: int = 1, high: int = 3) -> tuple[int, ...]:
        """Dimensions besides the batch."""
        return self.integers(self.integer(low, high), 2, 5)

    def spatial(self, rank: int, channels: int, data_format: str, low: int = 5, high: int = 8) -> tuple[int, ...]:
        sizes = self.integers(rank, low, high)
        return (*sizes, channels) if data_format == "channels_last" else (channels, *sizes)

    def tensor(
        self, shape, dtype="float32", *, low=-2.0, high=2.0, values=None, dynamic=(), batch_size=None
    ) -> keras.KerasTensor:
        """An input of that shape (batch left out) and, to feed it, `values` or numbers between `low` and `high`.

        Each axis in `dynamic` (0 is the first after the batch) is None in the model half of the time.
        """
        declared = [None if axis in dynamic and self.flag() else size for axis, size in enumerate(shape)]
        name = f"in{len(self.inputs)}" if self.flag() else None
        if batch_size:
            tensor = keras.Input(batch_shape=(batch_size, *declared), dtype=dtype, name=name)
        else:
            tensor = keras.Input(declared, dtype=dtype, name=name)
        if values is None:
            values = self.values((batch_size or BATCH, *shape), dtype, low, high)
        self.inputs.append(tensor)
        self.feeds.append(numpy.asarray(values))
        return tensor

    def tokens(self, shape, vocabulary: int, dtype="int32", *, low: int = 0, dynamic=()) -> keras.KerasTensor:
        return self.tensor(shape, dtype, low=low, high=vocabulary - 1, dynamic=dynamic)

    def strings(self, shape, words: Sequence[str] = WORDS) -> keras.KerasTensor:
        values = self.numbers.choice(numpy.array(words, object), (BATCH, *shape))
        return self.tensor(shape, "string", values=values)

    def values(self, shape, dtype: str = "float32", low=-2.0, high=2.0) -> numpy.ndarray:
        if dtype == "bool":
            return self.numbers.random(shape) < 0.5
        if dtype in INTEGERS:
            low, high = (max(low, 0) if dtype in UNSIGNED else low), max(high, 1)
            return self.numbers.integers(int(low), int(high), shape, endpoint=True).astype(dtype)
        return self.numbers.uniform(low, high, shape).astype(numpy_dtype(dtype))

    def masked(self, tensor_shape, dtype="float32", **options) -> keras.KerasTensor:
        """A sequence of which a Masking layer hides some steps, always leaving the first."""
        steps = self.values((BATCH, *tensor_shape), dtype)
        hidden = self.numbers.random((BATCH, tensor_shape[0])) < 0.4
        hidden[:, 0] = False
        steps[hidden] = 0
        return keras.layers.Masking(0.0, dtype=dtype)(self.tensor(tensor_shape, dtype, values=steps, **options))

    def sequence(self, shape, dtype="float32", **options) -> keras.KerasTensor:
        """A sequence, masked now and then."""
        return self.masked(shape, dtype, **options) if self.flag(0.3) else self.tensor(shape, dtype, **options)

    def weights_of(self, model: keras.Model) -> None:
        """Puts numbers into every weight, so that biases and statistics matter."""
        for weight in model.weights:
            if not keras.backend.is_float_dtype(weight.dtype):
                continue
            shape = tuple(weight.shape)
            fan_in = max(1, int(numpy.prod(shape[:-1])))
            numbers = self.numbers.normal(size=shape) / numpy.sqrt(fan_in)
            if "variance" in weight.name:
                numbers = numpy.abs(numbers) + 0.5
            elif weight.name in ("gamma", "scale"):
                numbers = numbers + 1
            weight.assign(numbers.astype("float32"))


def numpy_dtype(dtype: str):
    return ml_dtypes.bfloat16 if dtype == "bfloat16" else numpy.dtype(dtype)
