"""Whole models of several layers: branches, residuals, nested and shared models, several inputs and outputs."""

import keras
from keras import layers, ops

from draw import Draw
from recipes import recipe


def flat_step(draw: Draw, x):
    width = x.shape[-1]
    return draw.choice(
        lambda: layers.Dense(draw.features(), activation=draw.activation())(x),
        lambda: layers.Add()([x, layers.Dense(width, activation="tanh")(x)]),
        lambda: layers.BatchNormalization()(x),
        lambda: layers.LayerNormalization()(x),
        lambda: layers.Dropout(0.5)(x),
        lambda: layers.Concatenate()([x, layers.Dense(2)(x)]),
        lambda: x * layers.Dense(width, activation="sigmoid")(x),
        lambda: ops.tanh(x) + draw.real(-1, 1),
        lambda: layers.UnitNormalization()(x),
    )()


def sequence_step(draw: Draw, x):
    width = x.shape[-1]
    return draw.choice(
        lambda: layers.LSTM(draw.features(), return_sequences=True)(x),
        lambda: layers.Bidirectional(layers.GRU(2, return_sequences=True))(x),
        lambda: layers.Conv1D(draw.features(), 3, padding=draw.choice("same", "causal"), activation="relu")(x),
        lambda: layers.Add()([x, layers.MultiHeadAttention(2, 2)(x, x)]),
        lambda: layers.LayerNormalization()(x),
        lambda: layers.TimeDistributed(layers.Dense(draw.features()))(x),
        lambda: layers.Dense(width, activation=draw.activation())(x),
        lambda: x - ops.mean(x, axis=1, keepdims=True),
        lambda: ops.concatenate([x[:, :1], x[:, 1:]], axis=1) * draw.real(0.5, 1.5),
        lambda: layers.Dropout(0.1)(x),
    )()


def image_step(draw: Draw, x):
    channels = x.shape[-1]
    return draw.choice(
        lambda: layers.Conv2D(draw.features(), 3, padding="same", activation=draw.activation())(x),
        lambda: layers.SeparableConv2D(draw.features(), 3, padding="same")(x),
        lambda: layers.DepthwiseConv2D(3, padding="same")(x),
        lambda: layers.BatchNormalization()(x),
        lambda: layers.Add()([x, layers.Conv2D(channels, 1)(x)]),
        lambda: layers.MaxPooling2D(2, padding="same")(x),
        lambda: layers.UpSampling2D(2)(layers.AveragePooling2D(2, padding="same")(x)),
        lambda: x * layers.Conv2D(channels, 1, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x)),
        lambda: layers.Activation("relu")(layers.BatchNormalization()(layers.Conv2D(3, 3, padding="same", use_bias=False)(x))),
        lambda: layers.LayerNormalization()(x),
    )()


def steps(draw: Draw, x, step, least: int = 2, most: int = 6):
    for _ in range(draw.integer(least, most)):
        x = step(draw, x)
    return x


def head(draw: Draw, x):
    """One output, or several in a list or dict."""
    kind = draw.choice("one", "one", "list", "dict")
    first = layers.Dense(3, activation="softmax")(x)
    if kind == "one":
        return first
    second = layers.Dense(1, name="score")(x)
    return [first, second] if kind == "list" else {"label": first, "value": second}


@recipe(share=6)
def flat_network(draw: Draw):
    return head(draw, steps(draw, draw.tensor((draw.features(),)), flat_step))


@recipe(share=6)
def sequence_network(draw: Draw):
    if draw.flag():
        x = layers.Embedding(9, 4, mask_zero=draw.flag())(draw.tokens((5,), 9, dynamic=(0,)))
    else:
        x = draw.sequence((5, 3), dynamic=(0,))
    x = steps(draw, x, sequence_step)
    return head(draw, draw.choice(layers.GlobalAveragePooling1D(), layers.GlobalMaxPooling1D(), layers.LSTM(3))(x))


@recipe(share=6)
def image_network(draw: Draw):
    x = steps(draw, layers.Rescaling(0.5)(draw.tensor((8, 8, 3))), image_step)
    return head(draw, draw.choice(layers.GlobalAveragePooling2D(), layers.GlobalMaxPooling2D(), layers.Flatten())(x))


@recipe(share=3)
def branches(draw: Draw):
    image = layers.GlobalAveragePooling2D()(steps(draw, draw.tensor((6, 6, 2)), image_step, 1, 2))
    sequence = layers.GlobalMaxPooling1D()(steps(draw, draw.tensor((4, 3)), sequence_step, 1, 2))
    flat = steps(draw, draw.tensor((3,)), flat_step, 1, 2)
    chosen = draw.shuffled([image, sequence, flat])
    return head(draw, layers.Concatenate()([layers.Dense(3)(branch) for branch in chosen]))


@recipe(share=3)
def nested_models(draw: Draw):
    """A model inside a model, called once or twice, itself holding one."""
    width = draw.features()
    inner_input = keras.Input((width,))
    inner = keras.Model(inner_input, steps(draw, inner_input, flat_step, 1, 3))
    wrapped = keras.Sequential([layers.Dense(width, activation="tanh"), inner, layers.Dense(width)])
    x, y = draw.tensor((width,)), draw.tensor((width,))
    joined = layers.Add()([wrapped(x), wrapped(y)]) if draw.flag() else layers.Concatenate()([wrapped(x), y])
    return head(draw, joined)


@recipe()
def shared_layer(draw: Draw):
    shared = layers.Dense(4, activation=draw.activation())
    x, y = draw.tensor((3,)), draw.tensor((3,))
    return [shared(x), layers.Dense(2)(shared(y)), layers.Subtract()([shared(x), shared(y)])]


@recipe(share=2)
def transformer(draw: Draw):
    width = 4
    tokens = draw.tokens((5,), 8)
    x = layers.Embedding(8, width, mask_zero=draw.flag())(tokens)
    for _ in range(draw.integer(1, 2)):
        normalize = draw.choice(layers.LayerNormalization, layers.RMSNormalization)
        attended = layers.MultiHeadAttention(2, 3)(normalize()(x), x, use_causal_mask=draw.flag())
        x = x + attended
        hidden = layers.Dense(8, activation=draw.choice("gelu", "silu", "relu"))(normalize()(x))
        x = x + layers.Dense(width)(hidden)
    return draw.choice(layers.GlobalAveragePooling1D(), layers.Dense(8))(x)


@recipe()
def sequential(draw: Draw):
    """A Sequential model that was given no Input layer."""
    draw.tensor((6, 6, 2))
    convolution = layers.Conv2D(draw.features(), 3, activation=draw.activation())
    model = keras.Sequential([convolution, layers.MaxPooling2D(), layers.Flatten(), layers.Dense(3)])
    model.build((None, 6, 6, 2))
    draw.weights_of(model)
    return model
