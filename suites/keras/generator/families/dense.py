"""Dense, EinsumDense and the embeddings."""

from keras import layers

from draw import Draw
from recipes import recipe


@recipe()
def dense(draw: Draw):
    policy = draw.policy()
    x = draw.tensor(draw.shape())
    return layers.Dense(draw.features(), activation=draw.activation(), use_bias=draw.flag(), dtype=policy)(x)


@recipe()
def einsum_dense(draw: Draw):
    equation, output_shape, bias_axes, rank = draw.choice(
        ("ab,bc->ac", (4,), "c", 1),
        ("abc,cd->abd", (None, 4), "d", 2),
        ("abc,cde->abde", (None, 2, 3), "de", 2),
        ("abcd,cde->abe", (None, 4), "e", 3),
        ("abc,bd->adc", (4, None), "d", 2),
        ("...x,xy->...y", (4,), "y", 2),
        ("abc,cb->ac", (None,), None, 2),
    )
    x = draw.tensor(draw.integers(rank, 3, 3))
    if output_shape[0] is None and equation != "...x,xy->...y":
        output_shape = (3, *output_shape[1:])
    elif equation == "abc,bd->adc":
        output_shape = (4, 3)
    elif equation == "...x,xy->...y":
        output_shape = (3, 4)
    return layers.EinsumDense(
        equation, output_shape, activation=draw.activation(), bias_axes=draw.choice(None, bias_axes), dtype=draw.policy()
    )(x)


@recipe()
def embedding(draw: Draw):
    vocabulary = draw.integer(3, 9)
    tokens = draw.tokens(draw.shape(1, 2), vocabulary, draw.choice("int32", "int64", "uint8", "float32"))
    return layers.Embedding(vocabulary, draw.features(), mask_zero=draw.flag(), dtype=draw.policy())(tokens)


@recipe()
def masked_embedding(draw: Draw):
    """A mask from an Embedding, through layers that carry it, to one that uses it."""
    vocabulary = draw.integer(3, 9)
    tokens = draw.tokens((draw.integer(3, 6),), vocabulary, dynamic=(0,))
    x = layers.Embedding(vocabulary, 4, mask_zero=True)(tokens)
    for _ in range(draw.integer(0, 3)):
        carrier = draw.choice(
            layers.Dense(4), layers.Dropout(0.5), layers.LayerNormalization(), layers.Activation("tanh"), layers.PReLU(shared_axes=[1]),
            layers.TimeDistributed(layers.Dense(4)), layers.Identity(), layers.LSTM(4, return_sequences=True),
        )  # fmt: skip
        x = carrier(x)
    user = draw.choice(
        layers.GlobalAveragePooling1D(), layers.LSTM(3), layers.GRU(3), layers.Bidirectional(layers.SimpleRNN(3)), layers.Softmax(axis=1)
    )
    return user(x)


@recipe()
def reversible_embedding(draw: Draw):
    vocabulary = draw.integer(3, 7)
    embedding = layers.ReversibleEmbedding(
        vocabulary, 4, tie_weights=draw.flag(), mask_zero=draw.flag(), logit_soft_cap=draw.choice(None, 5.0)
    )
    x = embedding(draw.tokens((3,), vocabulary))
    return embedding(layers.Dense(4)(x), reverse=True)
