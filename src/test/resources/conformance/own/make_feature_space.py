"""Writes a model on the features of keras.utils.FeatureSpace, with what Keras answers.

Usage: python make_feature_space.py; needs Keras 3.15.1 on TensorFlow.
"""

import pathlib

import keras
import numpy as np
import tensorflow as tf
from keras.utils import FeatureSpace

HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(1)
ROWS = 20

data = {
    "price": RANDOM.random((ROWS, 1)).astype("float32"),
    "area": RANDOM.random((ROWS, 1)).astype("float32"),
    "rooms": RANDOM.integers(0, 5, (ROWS, 1)).astype("int32"),
    "city": np.array([["a"], ["b"], ["c"], ["d"]] * 5),
    "street": np.array([["u"], ["v"]] * 10),
}
keras.utils.set_random_seed(5)
space = FeatureSpace(
    features={
        "price": FeatureSpace.float_normalized(),
        "area": FeatureSpace.float_discretized(num_bins=3),
        "rooms": FeatureSpace.integer_categorical(),
        "city": FeatureSpace.string_categorical(),
        "street": FeatureSpace.string_hashed(num_bins=4),
    },
    crosses=[FeatureSpace.cross(("city", "rooms"), crossing_dim=8)],
    output_mode="concat",
)
space.adapt(tf.data.Dataset.from_tensor_slices(data))
model = keras.Model(space.get_inputs(), keras.layers.Dense(2)(space.get_encoded_features()))
model.save(HERE / "feature_space.keras")
sample = {name: values[:4] for name, values in data.items()}
output = model({name: tf.constant(values) for name, values in sample.items()}, training=False)
inputs = {f"in{i}": sample[name] for i, name in enumerate(sorted(sample))}
np.savez(HERE / "feature_space.npz", **inputs, out0=output.numpy())
