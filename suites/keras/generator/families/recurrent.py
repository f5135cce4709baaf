"""Recurrent layers: every argument, masks, states, wrappers and cells."""

from keras import layers

from draw import BATCH, Draw
from recipes import recipe

GATES = ("sigmoid", "hard_sigmoid", "tanh", "relu")


def cell_arguments(draw: Draw, kind: str) -> dict:
    arguments = {"activation": draw.choice("tanh", "tanh", "relu", "softsign", None), "use_bias": draw.flag(0.8)}
    if kind != "SimpleRNN":
        arguments["recurrent_activation"] = draw.choice("sigmoid", *GATES)
    if kind == "GRU":
        arguments["reset_after"] = draw.flag()
    return arguments


def layer_arguments(draw: Draw) -> dict:
    return {
        "return_sequences": draw.flag(),
        "return_state": draw.flag(0.3),
        "go_backwards": draw.flag(0.3),
        "unroll": draw.flag(0.2),
    }


def recurrent_layer(draw: Draw, kind: str, units: int, **arguments):
    cell = cell_arguments(draw, kind)
    if "16" in arguments.get("dtype", "") and cell.get("recurrent_activation") == "relu":
        cell["recurrent_activation"] = "sigmoid"  # without a bound, states leave the range of half types
    return getattr(layers, kind)(units, **cell, **arguments)


@recipe(share=2, kind=("SimpleRNN", "LSTM", "GRU"))
def recurrent(draw: Draw, kind: str):
    arguments, units = layer_arguments(draw), draw.features()
    x = draw.sequence((draw.integer(2, 5), draw.features()), dynamic=() if arguments["unroll"] else (0,))
    layer = recurrent_layer(draw, kind, units, **arguments, dtype=draw.policy())
    if draw.flag(0.25):
        states = [draw.tensor((units,)) for _ in range(2 if kind == "LSTM" else 1)]
        return layer(x, initial_state=states)
    return layer(x)


@recipe(kind=("SimpleRNN", "LSTM", "GRU"))
def bidirectional(draw: Draw, kind: str):
    sequences = draw.flag()
    layer = recurrent_layer(
        draw, kind, draw.features(), return_sequences=sequences, return_state=draw.flag(0.2), go_backwards=draw.flag(0.2)
    )
    backward = None
    if draw.flag(0.3):
        kind = draw.choice("SimpleRNN", "LSTM", "GRU")
        backward = recurrent_layer(
            draw, kind, layer.units, return_sequences=sequences, return_state=layer.return_state,
            go_backwards=not layer.go_backwards,
        )  # fmt: skip
    merge_mode = draw.choice("concat", "sum", "mul", "ave", None)
    x = draw.sequence((draw.integer(2, 5), draw.features()), dynamic=(0,))
    return layers.Bidirectional(layer, merge_mode=merge_mode, backward_layer=backward)(x)


@recipe()
def stateful(draw: Draw):
    """The first call after loading starts from zeros."""
    kind = draw.choice("SimpleRNN", "LSTM", "GRU")
    x = draw.tensor((4, 3), batch_size=BATCH)
    return recurrent_layer(draw, kind, 3, stateful=True, return_sequences=draw.flag())(x)


def cell(draw: Draw, units: int):
    kind = draw.choice("SimpleRNN", "LSTM", "GRU")
    return getattr(layers, f"{kind}Cell")(units, **cell_arguments(draw, kind))


@recipe()
def rnn_of_cells(draw: Draw):
    if draw.flag():
        cells = cell(draw, draw.features())
    else:
        stacked = [cell(draw, draw.features()) for _ in range(draw.integer(1, 3))]
        cells = draw.choice(stacked, layers.StackedRNNCells(stacked))
    return layers.RNN(cells, **layer_arguments(draw), zero_output_for_mask=draw.flag(0.3))(
        draw.sequence((draw.integer(2, 4), 3))
    )


@recipe(rank=(1, 2, 3))
def conv_lstm(draw: Draw, rank: int):
    data_format = draw.data_format()
    image = draw.spatial(rank, draw.integer(1, 2), data_format, 4, 6)
    options = draw.choice({}, {"strides": draw.integer(1, 2)}, {"dilation_rate": draw.integer(1, 2)})
    return getattr(layers, f"ConvLSTM{rank}D")(
        draw.integer(1, 3),
        draw.size_or_sizes(rank, 1, 3),
        padding=draw.choice("valid", "same"),
        data_format=data_format,
        activation=draw.choice("tanh", "relu"),
        recurrent_activation=draw.choice("sigmoid", "hard_sigmoid"),
        use_bias=draw.flag(),
        return_sequences=draw.flag(),
        return_state=draw.flag(0.3),
        go_backwards=draw.flag(0.3),
        **options,
    )(draw.tensor((draw.integer(2, 3), *image)))


@recipe()
def time_distributed(draw: Draw):
    layer, shape = draw.choice(
        lambda: (layers.Dense(draw.features(), activation=draw.activation()), (3,)),
        lambda: (layers.Conv2D(2, 3, padding=draw.choice("valid", "same")), (5, 5, 2)),
        lambda: (layers.LSTM(3, return_sequences=draw.flag()), (3, 2)),
        lambda: (layers.LayerNormalization(), (4,)),
        lambda: (layers.Flatten(), (2, 3)),
        lambda: (layers.Dropout(0.3), (4,)),
    )()
    steps = draw.integer(2, 4)
    return layers.TimeDistributed(layer)(draw.sequence((steps, *shape)) if len(shape) == 1 else draw.tensor((steps, *shape)))


@recipe()
def encoder_decoder(draw: Draw):
    kind = draw.choice("LSTM", "GRU", "SimpleRNN")
    source, target = draw.tokens((4,), 6, dynamic=(0,)), draw.tokens((3,), 6, dynamic=(0,))
    mask = draw.flag()
    _, *states = getattr(layers, kind)(4, return_state=True)(layers.Embedding(6, 3, mask_zero=mask)(source))
    x = getattr(layers, kind)(4, return_sequences=True)(layers.Embedding(6, 3, mask_zero=mask)(target), initial_state=states)
    return layers.Dense(5, activation="softmax")(x)
