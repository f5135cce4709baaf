"""Writes models of Keras 2 that call functions of TensorFlow, with what Keras 2 answers.

Usage: python make_keras2.py; needs TensorFlow 2.15 (with Keras 2.15).

CASE.keras or CASE.h5 with CASE.npz: in0, in1, ... in the order of the model's inputs, out0, out1, ...
"""

import pathlib

import numpy as np
import tensorflow as tf

keras = tf.keras
HERE = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(3)


def arithmetic(x, y):
    positive = tf.abs(x) + 0.1
    return [
        tf.math.add(x, 1.0), 2.0 + x, x - y, 1.0 - x, 2 * x, x / positive, 1.0 / positive, x // 0.3, x % 0.7,
        positive**2.5, -x, x @ tf.transpose(y, [0, 2, 1]), tf.matmul(x, y, transpose_b=True),
        tf.linalg.matmul(x, y, transpose_a=True), tf.exp(x), tf.math.log(positive), tf.math.log1p(positive),
        tf.math.expm1(x), tf.sqrt(positive), tf.math.rsqrt(positive), tf.square(x), tf.maximum(x, y),
        tf.minimum(x, 0.1), tf.clip_by_value(x, -0.5, 0.5), tf.sign(x), tf.floor(x), tf.math.ceil(x),
        tf.round(x * 3), tf.sin(x), tf.cos(x), tf.math.erf(x), tf.math.reciprocal(x + 3.0),
        tf.math.squared_difference(x, y), tf.math.divide_no_nan(x, tf.nn.relu(y)), tf.add_n([x, y, x]),
        tf.math.l2_normalize(x, axis=1), tf.norm(x, axis=-1), tf.cumsum(x, axis=1), tf.math.cumprod(x, 1),
        tf.tensordot(x, tf.ones([6, 2]), axes=1), x * tf.constant(np.arange(6), tf.float32),
        tf.cast(x * 4, tf.int32) + 1, tf.cast(tf.cast(x * 4, tf.int32) / 3, tf.float32),
    ]


def reductions(x, y):
    return [
        tf.reduce_mean(x, axis=1), tf.reduce_mean(x, axis=[1, 2], keepdims=True), tf.reduce_sum(x, -1),
        tf.reduce_max(x, axis=1), tf.math.reduce_min(x, axis=2), tf.reduce_prod(x, 1), tf.reduce_any(x > 0.9, 1),
        tf.reduce_all(x > -1, 1), tf.math.reduce_std(x, 1), tf.math.reduce_variance(x, 1),
        tf.reduce_logsumexp(x, 1), tf.argmax(x, axis=-1), tf.argmin(x, axis=1), *tf.math.top_k(x, 2),
        tf.sort(x, axis=-1), tf.reduce_sum(tf.cast(tf.abs(x) * 30, tf.uint8), 1), tf.reduce_mean(tf.cast(x * 9, tf.int32), 1),
    ]


def activations(x, y):
    return [
        tf.nn.relu(x), tf.nn.softmax(x), tf.nn.softmax(x, axis=1), tf.nn.log_softmax(x), tf.nn.sigmoid(x),
        tf.tanh(x), tf.nn.elu(x), tf.nn.selu(x), tf.nn.gelu(x), tf.nn.gelu(x, approximate=True),
        tf.nn.leaky_relu(x), tf.nn.leaky_relu(x, alpha=0.1), tf.nn.relu6(x * 9), tf.nn.softplus(x),
        tf.nn.softsign(x), tf.nn.silu(x), keras.activations.swish(x), keras.activations.gelu(x),
    ]


def shapes(x, y):
    batch = tf.shape(x)[0]
    return [
        tf.reshape(x, [-1, 3, 8]), tf.reshape(x, [batch, 24]), tf.reshape(x, (batch, -1, 2)),
        tf.reshape(x, tf.shape(y)),
        tf.concat([x, y], axis=-1), tf.concat([x], 1), tf.cast(x * 3, "int32"), tf.cast(x > 0, tf.float32),
        tf.expand_dims(x, 1), tf.squeeze(tf.expand_dims(x, 1), 1), tf.squeeze(x[:, :1], axis=[1]),
        tf.transpose(x, perm=[0, 2, 1]), x[:, 0], x[:, -1, :], x[:, 1:3, ::2], x[:, tf.newaxis], x[:, ::-1], x[0:1],
        tf.stack([x, y], axis=1), *tf.unstack(x, axis=1), tf.tile(x, [1, 2, 1]), *tf.split(x, 2, axis=-1),
        *tf.split(x, [1, 2, 3], axis=2), tf.one_hot(tf.cast(tf.abs(x) * 3, tf.int32), 5), tf.gather(x, [2, 0], axis=1),
        tf.pad(x, [[0, 0], [1, 2], [0, 1]]), tf.pad(x, [[0, 0], [1, 2], [0, 1]], mode="REFLECT"), tf.zeros_like(x),
        tf.reverse(x, axis=[1]), tf.roll(x, 1, axis=1), tf.repeat(x, 2, axis=1), tf.linalg.band_part(x, -1, 0),
        tf.linalg.band_part(x, 1, 2), tf.slice(x, [0, 1, 2], [-1, 2, 3]), tf.zeros([batch, 4, 1]) + x,
        tf.nn.depth_to_space(tf.reshape(x, [-1, 2, 3, 4]), 2), tf.cast(tf.shape(x), tf.float32)[tf.newaxis],
        keras.backend.dot(x, tf.ones((6, 2))),
    ]


def comparisons(x, y):
    return [
        x > y, x >= 0.0, tf.less(x, y), tf.math.less_equal(x, 0.5), tf.equal(x, y), tf.not_equal(x, 0.0),
        tf.logical_and(x > 0, y > 0), (x > 0) | (y > 0), ~(x > 0), tf.where(x > 0, x, y), tf.where(x > 0, x, 0.0),
        tf.math.is_nan(x), tf.cast(tf.math.is_finite(x), "float32"),
    ]


def between_layers(x, y):
    hidden = tf.nn.relu(keras.layers.Dense(5)(x) - y[:, :, :5])
    return [keras.layers.Dense(3)(tf.reduce_mean(hidden, axis=1))]


def write(name, function, suffix):
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    x, y = keras.Input((4, 6), name="x"), keras.Input((4, 6), name="y")
    model = keras.Model([x, y], function(x, y))
    arrays = [RANDOM.normal(size=(2, 4, 6)).astype("float32") for _ in range(2)]
    outputs = tf.nest.flatten(model(arrays, training=False))
    model.save(HERE / f"{name}{suffix}")
    np.savez(
        HERE / f"{name}.npz",
        **{f"in{i}": array for i, array in enumerate(arrays)},
        **{f"out{i}": output.numpy() for i, output in enumerate(outputs)},
    )


for function in (arithmetic, reductions, activations, shapes, comparisons):
    write(f"tensorflow_{function.__name__}", function, ".keras")
write("tensorflow_between_layers", between_layers, ".h5")
