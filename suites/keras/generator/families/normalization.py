"""Normalization layers."""

from keras import layers

from draw import Draw
from recipes import recipe


def uncast(policy: str) -> str:
    """The dtype for a layer that computes in its input's: float32 numbers would be held to float64's bounds."""
    return "float64" if policy == "float64" else "float32"


@recipe()
def batch_normalization(draw: Draw):
    shape = draw.shape(1, 3)
    return layers.BatchNormalization(
        axis=draw.choice(-1, draw.integer(1, len(shape))),
        epsilon=draw.choice(1e-3, 1e-5, 0.1),
        center=draw.flag(),
        scale=draw.flag(),
        dtype=draw.policy(),
    )(draw.tensor(shape))


@recipe()
def layer_normalization(draw: Draw):
    shape = draw.shape(1, 3)
    axis = draw.choice(-1, draw.subset(range(1, len(shape) + 1)))
    policy = draw.policy()
    return layers.LayerNormalization(
        axis=axis, epsilon=draw.choice(1e-3, 1e-6), center=draw.flag(), scale=draw.flag(), dtype=policy
    )(draw.tensor(shape, uncast(policy)))


@recipe()
def group_normalization(draw: Draw):
    groups = draw.choice(1, 2, 3, -1)
    axis, channels = draw.choice(-1, 1), abs(groups) * draw.integer(1, 3)
    sizes = draw.integers(2, 2, 4)
    policy = draw.policy()
    return layers.GroupNormalization(
        groups, axis=axis, epsilon=draw.choice(1e-3, 1e-5), center=draw.flag(), scale=draw.flag(), dtype=policy
    )(draw.tensor((*sizes, channels) if axis == -1 else (channels, *sizes), uncast(policy)))


@recipe()
def rms_normalization(draw: Draw):
    shape = draw.shape(1, 3)
    axis = draw.choice(-1, len(shape), [len(shape)])
    return layers.RMSNormalization(axis=axis, epsilon=draw.choice(1e-6, 1e-3), dtype=draw.policy())(draw.tensor(shape))


@recipe()
def unit_normalization(draw: Draw):
    shape = draw.shape(1, 3)
    axis = draw.choice(-1, draw.subset(range(1, len(shape) + 1)))
    return layers.UnitNormalization(axis=axis, dtype=draw.policy())(draw.tensor(shape))
