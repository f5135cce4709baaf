"""Activation layers and the layers that do nothing at inference."""

import keras
from keras import layers

from draw import Draw
from recipes import recipe


@recipe(share=2)
def activation(draw: Draw):
    name = draw.choice(
        "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "tanh", "sigmoid", "hard_sigmoid",
        "hard_silu", "hard_tanh", "softplus", "softsign", "exponential", "linear", "squareplus", "log_sigmoid",
        "soft_shrink", "hard_shrink", "tanh_shrink", "sparse_plus", "sparse_sigmoid", "softmax",
        "log_softmax", "sparsemax", "glu", "swish",
    )  # fmt: skip
    return layers.Activation(name, dtype=draw.policy())(draw.tensor((*draw.shape(1, 2), 4), low=-7, high=7))


@recipe()
def activation_layer(draw: Draw):
    x = draw.tensor(draw.shape(2, 3), low=-4, high=4)
    axis = draw.choice(-1, 1, 2)
    policy = draw.policy()
    return draw.choice(
        lambda: layers.ReLU(draw.choice(None, 2.0), draw.choice(0.0, 0.2), draw.choice(0.0, 0.5), dtype=policy),
        lambda: layers.LeakyReLU(draw.real(0, 0.5), dtype=policy),
        lambda: layers.ELU(draw.real(0.1, 2), dtype=policy),
        lambda: layers.PReLU(shared_axes=draw.choice(None, [1], [1, 2]), dtype=policy),
        lambda: layers.Softmax(draw.choice(axis, (1, 2)), dtype=policy),
    )()(x)


@recipe()
def masked_softmax(draw: Draw):
    x = draw.tensor((3, 4))
    mask = draw.tensor((3, 4), "bool")
    return layers.Softmax(draw.choice(-1, 1))(x, mask=mask)


@recipe()
def identity_at_inference(draw: Draw):
    layer = draw.choice(
        layers.Dropout(0.4), layers.GaussianDropout(0.3), layers.GaussianNoise(0.2), layers.AlphaDropout(0.2),
        layers.SpatialDropout1D(0.3), layers.ActivityRegularization(0.1), layers.Identity(),
    )  # fmt: skip
    return layer(draw.tensor(draw.integers(2, 2, 5)))


@recipe()
def serialized_activation(draw: Draw):
    """An activation given as an object with arguments of its own."""
    layer = draw.choice(layers.LeakyReLU(0.3), layers.ReLU(3.0), layers.Softmax(axis=1), layers.ELU(0.7))
    return layers.Dense(3, activation=draw.choice(layer, keras.activations.gelu))(draw.tensor(draw.shape(2, 2)))
