"""The recipes of every family; importing this package registers them all."""

from families import (  # noqa: F401
    activation,
    attention,
    composite,
    convolution,
    dense,
    image,
    merging,
    normalization,
    ops_elementwise,
    ops_image,
    ops_linalg,
    ops_nn,
    ops_reduction,
    ops_shape,
    pooling,
    preprocessing,
    quantization,
    recurrent,
    shaping,
)
