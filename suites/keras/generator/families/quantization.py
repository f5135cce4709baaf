"""Quantized and low-rank layers, whose weights stay small in the archive."""

import keras
from keras import layers

from draw import Draw
from recipes import recipe


def network(draw: Draw) -> keras.Model:
    kind = draw.choice("dense", "einsum", "embedding")
    if kind == "embedding":
        tokens = draw.tokens((4,), 7)
        outputs = layers.Embedding(7, draw.choice(4, 6))(tokens)
    elif kind == "einsum":
        x = draw.tensor((3, 8))
        outputs = layers.EinsumDense("abc,cde->abde", (3, 2, 4), bias_axes=draw.choice(None, "de"))(x)
    else:
        x = draw.tensor((8,))
        outputs = layers.Dense(6, activation=draw.choice(None, "relu"), use_bias=draw.flag())(x)
    model = keras.Model(draw.inputs[0], outputs)
    draw.weights_of(model)
    return model


@recipe(mode=("int8", "int4", "float8"))
def quantized(draw: Draw, mode: str):
    model = network(draw)
    model.quantize(mode)
    return model


@recipe()
def low_rank(draw: Draw):
    model = network(draw)
    for layer in model.layers:
        if hasattr(layer, "enable_lora"):
            layer.enable_lora(2)
    return model
