"""Layers that make one tensor of several."""

from keras import layers

from draw import BATCH, Draw
from recipes import recipe


@recipe(share=2)
def elementwise_merge(draw: Draw):
    kind = draw.choice("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    shape = draw.shape(1, 3)
    others = [broadcastable(draw, shape) for _ in range(1 if kind == "Subtract" else draw.integer(1, 3))]
    return getattr(layers, kind)(dtype=draw.policy())([draw.tensor(shape), *map(draw.tensor, others)])


def broadcastable(draw: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    if draw.flag(0.7):
        return shape
    chosen = tuple(draw.choice(size, 1) for size in shape)
    # Keras's TensorFlow backend would add one number a row along channels of which there are as many as rows.
    return shape if set(chosen) == {1} and BATCH in shape else chosen


@recipe()
def concatenate(draw: Draw):
    shape = list(draw.shape(1, 3))
    axis = draw.choice(-1, draw.integer(1, len(shape)))
    tensors = []
    for _ in range(draw.integer(2, 4)):
        shape[axis - 1 if axis > 0 else -1] = draw.integer(1, 4)
        tensors.append(draw.tensor(tuple(shape)))
    return layers.Concatenate(axis=axis, dtype=draw.policy())(tensors)


@recipe()
def merge_of_masked(draw: Draw):
    """Masks of several inputs become one, which the pooling then uses."""
    kind = draw.choice("Add", "Multiply", "Average", "Maximum", "Concatenate")
    tensors = [draw.sequence((4, 3)), draw.sequence((4, 3))]
    return layers.GlobalAveragePooling1D()(getattr(layers, kind)()(tensors))


@recipe()
def dot(draw: Draw):
    first, second, axes = draw.choice(
        ((4,), (4,), 1), ((3, 4), (5, 4), 2), ((3, 4), (5, 4), -1), ((3, 4), (4, 5), (2, 1)), ((3, 4), (3, 5), 1),
        ((3, 4), (4,), (2, 1)), ((2, 3, 4), (3, 5), (2, 1)),
    )  # fmt: skip
    return layers.Dot(axes, normalize=draw.flag())([draw.tensor(first), draw.tensor(second)])
