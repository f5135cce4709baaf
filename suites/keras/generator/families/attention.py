"""Attention layers with masks, causality and every shape of head."""

from keras import layers

from draw import Draw
from recipes import recipe


def attention_mask(draw: Draw, query: int, key: int):
    """A mask that leaves every query something to look at."""
    mask = draw.values((2, query, key), "bool")
    mask[..., 0] = True
    return draw.tensor((query, key), "bool", values=mask)


@recipe(share=3)
def multi_head_attention(draw: Draw):
    query_steps, value_steps, width = draw.integer(2, 4), draw.integer(2, 5), draw.features()
    heads, key_size, value_size = draw.integer(1, 3), draw.integer(1, 4), draw.choice(None, draw.integer(1, 4))
    # Keras adds the bias of heads of size 1 along the steps when a run has as many of them as there are heads, which a
    # server must not (docs/decisions/0004). Where the number of steps is the model's own, both do.
    decided_by_run = query_steps == heads and 1 in (key_size, value_size)
    query = draw.sequence((query_steps, width), dynamic=() if decided_by_run else (0,))
    if draw.flag():
        value, value_steps = query, query_steps
    else:
        value = draw.sequence((value_steps, draw.features()))
    call = {"use_causal_mask": draw.flag(0.3), "return_attention_scores": draw.flag(0.3)}
    if draw.flag(0.3):
        call["attention_mask"] = attention_mask(draw, query_steps, value_steps)
    if draw.flag(0.3):
        call["key"] = draw.tensor((value_steps, draw.features()))
    layer = layers.MultiHeadAttention(
        heads,
        key_size,
        value_dim=value_size,
        use_bias=draw.flag(0.7),
        output_shape=draw.choice(None, draw.features()),
        dropout=draw.choice(0.0, 0.2),
        dtype=draw.policy(),
    )
    return layer(query, value, **call)


@recipe()
def attention_over_axes(draw: Draw):
    x = draw.tensor((3, 4, 2))
    axes = draw.choice((1,), (2,), (1, 2), None)
    return layers.MultiHeadAttention(2, 3, attention_axes=axes, output_shape=draw.choice(None, (2, 3)))(x, x)


@recipe()
def group_query_attention(draw: Draw):
    query_steps, value_steps = draw.integer(2, 4), draw.integer(2, 4)
    query, value = draw.sequence((query_steps, 4)), draw.sequence((value_steps, 4))
    key_heads = draw.integer(1, 2)
    call = {"use_causal_mask": draw.flag(0.3), "return_attention_scores": draw.flag(0.3)}
    if draw.flag(0.3):
        call["attention_mask"] = attention_mask(draw, query_steps, value_steps)
    return layers.GroupQueryAttention(
        draw.integer(1, 4), key_heads * draw.integer(1, 2), key_heads, use_bias=draw.flag(), dtype=draw.policy()
    )(query, value, **call)


@recipe(kind=("Attention", "AdditiveAttention"))
def plain_attention(draw: Draw, kind: str):
    width, value_steps = draw.features(), draw.integer(2, 4)
    query = draw.sequence((draw.integer(2, 4), width))
    tensors = [query, draw.sequence((value_steps, width))]
    if draw.flag():
        tensors.append(draw.tensor((value_steps, width)))
    arguments = {"use_scale": draw.flag(), "dropout": draw.choice(0.0, 0.1)}
    if kind == "Attention":
        arguments["score_mode"] = draw.choice("dot", "concat")
    layer = getattr(layers, kind)(**arguments)
    return layer(tensors, use_causal_mask=draw.flag(0.3), return_attention_scores=draw.flag(0.3))
