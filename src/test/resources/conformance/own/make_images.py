"""Writes models for images, with what Keras answers.

Usage: python make_images.py; needs Keras 3.15.1 on TensorFlow.

CASE.keras with CASE.npz: in0, out0, out1, ...
"""

import pathlib

import keras
import numpy as np
from keras import layers
from keras.src.applications.convnext import LayerScale, StochasticDepth

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(4)


def padded_pools(x):
    """Zeros that are padded count in a maximum of negative numbers, whatever pads the pool itself adds."""
    negative = -layers.ReLU()(x) - 1
    return [
        layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(negative)),
        layers.MaxPooling2D(3, 2, padding="same")(layers.ZeroPadding2D(((0, 2), (1, 0)))(negative)),
        layers.AveragePooling2D(3, 1, padding="same")(layers.ZeroPadding2D(1)(negative)),
        layers.Conv2D(2, 3)(layers.ZeroPadding2D(2)(negative)),
        layers.MaxPooling2D(2, data_format="channels_first")(layers.ZeroPadding2D(1, data_format="channels_first")(negative)),
    ]


def convnext(x):
    scaled = LayerScale(0.3, 3)(layers.Conv2D(3, 3, padding="same")(x))
    return [x + StochasticDepth(0.5)(scaled)]


for build in (padded_pools, convnext):
    keras.utils.set_random_seed(6)
    image = keras.Input((6, 7, 3))
    model = keras.Model(image, build(image))
    for weight in model.weights:
        weight.assign(RANDOM.normal(0, 0.5, weight.shape))
    model.save(HERE / f"{build.__name__}.keras")
    sample = RANDOM.normal(0, 1, (2, 6, 7, 3)).astype("float32")
    outputs = keras.tree.flatten(model(sample, training=False))
    np.savez(HERE / f"{build.__name__}.npz", in0=sample, **{f"out{i}": value.numpy() for i, value in enumerate(outputs)})
