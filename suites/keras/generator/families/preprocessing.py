"""Preprocessing of numbers, categories and text."""

from keras import layers

from draw import WORDS, Draw
from recipes import recipe

VOCABULARY = sorted({word for word in WORDS if word})[:7]


@recipe()
def rescaling(draw: Draw):
    x = draw.tensor(draw.shape(), draw.choice("float32", "uint8", "int32"), low=0, high=9)
    return layers.Rescaling(draw.choice(1 / 255, 2.0, [0.5]), draw.choice(0.0, -1.0))(x)


@recipe()
def normalization(draw: Draw):
    shape = draw.shape(1, 3)
    axis = draw.choice(-1, None, draw.integer(1, len(shape)))
    x = draw.tensor(shape)
    layer = layers.Normalization(axis=axis, invert=draw.flag(0.3))
    layer.adapt(draw.values((20, *shape), low=-5, high=5))
    return layer(x)


@recipe()
def normalization_of_given_statistics(draw: Draw):
    width = draw.features()
    mean, variance = draw.choice((0.5, 2.0), ([0.25] * width, [float(n + 1) for n in range(width)]))
    return layers.Normalization(mean=mean, variance=variance, invert=draw.flag(0.3))(draw.tensor((width,)))


@recipe()
def discretization(draw: Draw):
    boundaries = sorted(draw.real(-2, 2) for _ in range(draw.integer(1, 4)))
    mode = draw.choice("int", "one_hot", "multi_hot", "count")
    shape = (1,) if mode == "one_hot" else (draw.integer(1, 4),)
    return layers.Discretization(boundaries, output_mode=mode)(draw.tensor(shape, draw.choice("float32", "int32")))


@recipe()
def category_encoding(draw: Draw):
    categories = draw.integer(2, 6)
    mode = draw.choice("multi_hot", "one_hot", "count")
    layer = layers.CategoryEncoding(categories, output_mode=mode)
    if mode == "count" and draw.flag():
        return layer(draw.tokens((3,), categories), count_weights=draw.tensor((3,)))
    return layer(draw.tokens((1,) if mode == "one_hot" else (3,), categories, draw.choice("int32", "int64")))


def categories(draw: Draw, shape=(3,)):
    return draw.strings(shape) if draw.flag() else draw.tokens(shape, 50, "int64")


@recipe()
def hashing(draw: Draw):
    mode = draw.choice("int", "one_hot", "multi_hot", "count")
    salt = draw.choice(None, 7, [3, 5])
    mask_value = draw.choice(None, "")
    x = draw.strings((3,)) if mask_value is not None else categories(draw)
    return layers.Hashing(draw.integer(2, 9), mask_value=mask_value, salt=salt, output_mode=mode)(x)


@recipe()
def hashed_crossing(draw: Draw):
    return layers.HashedCrossing(draw.integer(2, 9), output_mode=draw.choice("int", "one_hot"))(
        (categories(draw, (1,)), categories(draw, (1,)))
    )


@recipe()
def string_lookup(draw: Draw):
    mode = draw.choice("int", "int", "one_hot", "multi_hot", "count", "tf_idf")
    options = {"idf_weights": draw.values((len(VOCABULARY),), low=0.1, high=2)} if mode == "tf_idf" else {}
    return layers.StringLookup(
        vocabulary=VOCABULARY,
        num_oov_indices=draw.integer(1, 3),
        mask_token=draw.choice(None, ""),
        output_mode=mode,
        pad_to_max_tokens=False,
        **options,
    )(draw.strings((1,) if mode == "one_hot" else (3,)))


@recipe()
def string_lookup_inverted(draw: Draw):
    return layers.StringLookup(vocabulary=VOCABULARY, invert=True, mask_token=draw.choice(None, ""))(
        draw.tokens((3,), len(VOCABULARY), "int64")
    )


@recipe()
def integer_lookup(draw: Draw):
    mode = draw.choice("int", "int", "one_hot", "multi_hot", "count")
    return layers.IntegerLookup(
        vocabulary=[3, 17, 42, 5], num_oov_indices=draw.integer(1, 3), mask_token=draw.choice(None, 0), output_mode=mode
    )(draw.tokens((1,) if mode == "one_hot" else (3,), 45, "int64"))


@recipe(share=2)
def text_vectorization(draw: Draw):
    mode = draw.choice("int", "int", "multi_hot", "count", "tf_idf")
    options = {"output_sequence_length": draw.choice(None, 4)} if mode == "int" else {}
    texts = ["The horn calls the cow, the COW calls back!", "a bell; a cow's bell", "Grüezi mitenand", "", "horn horn-horn"]
    layer = layers.TextVectorization(
        max_tokens=draw.choice(None, 8),
        standardize=draw.choice("lower_and_strip_punctuation", "lower", "strip_punctuation", None),
        split=draw.choice("whitespace", "whitespace", "character"),
        ngrams=draw.choice(None, 2, (1, 3)),
        output_mode=mode,
        **options,
    )
    layer.adapt(texts)
    return layer(draw.strings(draw.choice((), (1,)), texts))


@recipe()
def feature_engineering(draw: Draw):
    """What a tabular model does before its first Dense."""
    number = draw.tensor((1,), low=0, high=90)
    word = draw.strings((1,))
    normalization = layers.Normalization(mean=[40.0], variance=[200.0])
    parts = [
        normalization(number),
        layers.StringLookup(vocabulary=VOCABULARY, output_mode="one_hot")(word),
        layers.Discretization([20.0, 40.0, 60.0], output_mode="one_hot")(number),
    ]
    return layers.Dense(2)(layers.Concatenate()(draw.shuffled(parts)))


@recipe()
def spectrogram(draw: Draw):
    length = draw.choice(16, 32)
    x = draw.tensor((draw.choice(64, 100),))
    if draw.flag():
        return layers.MelSpectrogram(
            fft_length=length, sequence_stride=length // 4, num_mel_bins=draw.integer(3, 6), sampling_rate=8000,
            min_freq=20.0, max_freq=4000.0, power_to_db=draw.flag(),
        )(x)  # fmt: skip
    return layers.STFTSpectrogram(
        mode=draw.choice("log", "magnitude", "psd", "real", "imag", "angle"), frame_length=length, frame_step=length // 2,
        fft_length=length, padding=draw.choice("valid", "same"), window=draw.choice("hann", "hamming", None),
        expand_dims=draw.flag(),
    )(layers.Reshape((-1, 1))(x))  # fmt: skip


@recipe()
def pipeline(draw: Draw):
    steps = [layers.Rescaling(0.5), layers.CenterCrop(3, 3), layers.RandomFlip("horizontal"), layers.Resizing(4, 4)]
    return layers.Pipeline(draw.shuffled(steps)[: draw.integer(1, 4)])(draw.tensor((6, 6, 3)))
