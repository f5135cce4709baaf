"""keras.ops of neural networks."""

import numpy
from keras import ops

from draw import Draw
from recipes import recipe


@recipe(share=2)
def softmaxes(draw: Draw):
    x = draw.tensor((3, 4), draw.choice("float32", "float16", "float64"), low=-6, high=6)
    return getattr(ops, draw.choice("softmax", "log_softmax", "sparsemax", "glu"))(x, axis=draw.choice(-1, 2))


@recipe()
def encodings(draw: Draw):
    classes = draw.integer(2, 6)
    tokens = draw.tokens((3,), classes, draw.choice("int32", "int64", "uint8"))
    if draw.flag():
        return ops.one_hot(tokens, classes, axis=draw.choice(-1, 1), dtype=draw.choice(None, "float32", "int32", "bool"))
    return ops.multi_hot(tokens, classes, dtype=draw.choice(None, "float32", "int32"))


@recipe(share=2)
def convolution(draw: Draw):
    """Kernels that are constants of the call, not weights of a layer."""
    x = draw.tensor((6, 6, 2))
    padding, strides = draw.choice("valid", "same"), draw.integer(1, 2)
    return draw.choice(
        lambda: ops.conv(x, draw.values((3, 3, 2, 4)), strides, padding),
        lambda: ops.conv(x, draw.values((2, 2, 2, 3)), 1, padding, dilation_rate=2),
        lambda: ops.depthwise_conv(x, draw.values((3, 3, 2, 2)), strides, padding),
        lambda: ops.separable_conv(x, draw.values((3, 3, 2, 2)), draw.values((1, 1, 4, 3)), strides, padding),
        lambda: ops.conv_transpose(x, draw.values((3, 3, 4, 2)), strides, padding, data_format="channels_last"),
    )()


@recipe()
def pooling(draw: Draw):
    x = draw.tensor((6, 6, 2))
    if draw.flag(0.3):
        name = draw.choice("adaptive_max_pool", "adaptive_average_pool")
        return getattr(ops, name)(x, draw.choice((2, 3), (4, 5)), data_format="channels_last")
    name = draw.choice("max_pool", "average_pool")
    return getattr(ops, name)(x, draw.integer(1, 3), draw.integer(1, 2), draw.choice("valid", "same"))


@recipe()
def normalizations(draw: Draw):
    x, width = draw.tensor((3, 4)), 4
    return draw.choice(
        lambda: ops.layer_normalization(x, draw.values((width,)), draw.values((width,)), axis=-1),
        lambda: ops.rms_normalization(x, draw.values((width,)), axis=-1),
        lambda: ops.batch_normalization(x, draw.values((width,)), draw.values((width,), low=0.5, high=2), axis=-1),
    )()


@recipe()
def scaled_attention(draw: Draw):
    query, key, value = (draw.tensor((steps, 2, 4)) for steps in (3, 5, 5))
    if draw.flag():
        return ops.dot_product_attention(query, query, query, is_causal=draw.flag(), scale=draw.choice(None, 0.7))
    mask = draw.values((2, 1, 3, 5), "bool")
    mask[..., 0] = True
    return ops.dot_product_attention(query, key, value, mask=draw.choice(None, draw.tensor((1, 3, 5), "bool", values=mask)))


@recipe()
def losses(draw: Draw):
    """Losses that a model computes about its inputs."""
    target = draw.values((2, 4), low=0.05, high=1)
    target /= target.sum(axis=-1, keepdims=True)
    probabilities = ops.softmax(draw.tensor((4,)))
    return draw.choice(
        lambda: ops.categorical_crossentropy(draw.tensor((4,), values=target), probabilities),
        lambda: ops.categorical_crossentropy(draw.tensor((4,), values=target), draw.tensor((4,)), from_logits=True),
        lambda: ops.sparse_categorical_crossentropy(draw.tokens((), 4), probabilities),
        lambda: ops.binary_crossentropy(draw.tensor((4,), low=0, high=1), ops.sigmoid(draw.tensor((4,)))),
        lambda: ops.psnr(draw.tensor((4,)), draw.tensor((4,)), 2.0),
    )()


@recipe(share=3)
def choosing(draw: Draw):
    shape = draw.shape()
    condition = draw.tensor(shape, "bool")
    x, y = draw.tensor(shape, draw.dtype()), draw.tensor(shape, draw.dtype())
    return draw.choice(
        lambda: ops.where(condition, x, y),
        lambda: ops.where(condition, x, draw.choice(0, 1.5)),
        lambda: ops.where(x > 0, x, draw.choice(0, -1)),
        lambda: ops.select([condition, ops.logical_not(condition)], [x, x], default=0),
    )()


@recipe(share=2)
def ordering(draw: Draw):
    """Numbers without ties, so that the order is one."""
    shape = draw.integers(2, 3, 5)
    distinct = draw.numbers.permutation(2 * shape[0] * shape[1]).reshape(2, *shape).astype(draw.choice("float32", "int32"))
    x = draw.tensor(shape, str(distinct.dtype), values=distinct)
    axis = draw.choice(-1, 1)
    return draw.choice(
        lambda: ops.sort(x, axis=axis),
        lambda: ops.argsort(x, axis=axis),
        lambda: ops.top_k(x, draw.integer(1, shape[-1])),
        lambda: ops.in_top_k(draw.tokens((), shape[1]), x[:, 0], draw.integer(1, 3)),
        lambda: ops.isin(x, [1, 4, 7]),
        lambda: ops.searchsorted(numpy.array([2.0, 5.0, 11.0], "float32"), ops.cast(ops.ravel(x), "float32"), side=draw.choice("left", "right")),
        lambda: ops.digitize(x, numpy.array([2.0, 5.0, 11.0])),
    )()


@recipe()
def counting(draw: Draw):
    tokens = draw.tokens((5,), 4)
    return draw.choice(
        lambda: ops.bincount(tokens, minlength=draw.integer(4, 6)),
        lambda: ops.unique(ops.ravel(tokens), size=8, fill_value=-1),
    )()


@recipe()
def windows(draw: Draw):
    if draw.flag():
        return ops.fold(draw.tensor((8, 9)), (4, 4), 2)
    return ops.unfold(draw.tensor((2, 5, 5)), draw.choice(2, (2, 3)), stride=draw.integer(1, 2), padding=draw.integer(0, 1))


@recipe()
def decoding(draw: Draw):
    """Connectionist temporal classification, along the best path or by a search."""
    steps, classes = draw.integer(1, 9), draw.integer(2, 6)
    lengths = draw.tensor((), "int32", values=draw.numbers.integers(1, steps, 2, endpoint=True).astype("int32"))
    greedy = draw.flag()
    # The search sums in less than float64, and of the index -1 Keras makes each class twice, so that all paths are tied.
    logits = draw.tensor((steps, classes), draw.choice("float32", "float32", "float16", *["float64"] * greedy), low=-3, high=3)
    mask = draw.choice(0, 0, classes - 1, draw.integer(0, classes - 1), None, *[-1] * greedy)
    if greedy:
        return ops.ctc_decode(logits, lengths, merge_repeated=draw.flag(), mask_index=mask)
    return ops.ctc_decode(logits, lengths, "beam_search", draw.choice(100, 3, 10), draw.integer(1, 2), draw.flag(), mask)


@recipe()
def alignment(draw: Draw):
    """The loss of connectionist temporal classification, of targets that fit and of some that do not."""
    steps, classes, length = draw.integer(1, 8), draw.integer(2, 5), draw.integer(1, 5)
    mask = draw.integer(0, classes - 1)
    labels = draw.numbers.integers(0, classes - 2, (2, length), endpoint=True)
    target = draw.tensor((length,), "int32", values=(labels + (labels >= mask)).astype("int32"))
    logits = draw.tensor((steps, classes), draw.choice("float32", "float32", "float16"), low=-3, high=3)
    target_lengths = draw.tensor((), "int32", values=draw.numbers.integers(0, length, 2, endpoint=True).astype("int32"))
    lengths = draw.tensor((), "int32", values=draw.numbers.integers(1, steps, 2, endpoint=True).astype("int32"))
    return ops.ctc_loss(target, logits, target_lengths, lengths, mask)
