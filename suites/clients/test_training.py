"""Endpoints in training mode, held against `model(x, training=True)`: exactly where nothing is drawn, else by statistics.

A statistical bound is six standard errors of what is compared, so that a run in a hundred million fails by chance.
"""

import keras
import numpy
import pytest
import requests
from keras import Input, Model, layers
from test_endpoints import call, name, only, saved, seeded, upload  # noqa: F401  two of them are fixtures

from bounds import difference

ROWS = 4000
ERRORS = 6


def model_of(*chain, shape) -> Model:
    x = inputs = Input(shape, name="x")
    for layer in chain:
        x = layer(x)
    return Model(inputs, x)


def random_weights(model: Model) -> Model:
    numbers = numpy.random.default_rng(3)
    for weight in model.weights:
        if keras.backend.is_float_dtype(weight.dtype):
            values = numbers.normal(size=weight.shape)
            positive = "variance" in weight.name or "stddev" in weight.name
            weight.assign(numpy.abs(values) + 0.5 if positive else values)
    return model


def frozen(layer):
    layer.trainable = False
    return layer


def batch(*shape) -> numpy.ndarray:
    return numpy.random.default_rng(4).normal(1, 2, shape).astype("float32")


def masked(*shape) -> numpy.ndarray:
    steps = batch(*shape)
    steps[:, -2:] = 0
    return steps


def reloaded(archive: bytes, tmp_path) -> Model:
    (tmp_path / "reloaded.keras").write_bytes(archive)
    return keras.models.load_model(tmp_path / "reloaded.keras")


EXACT = {
    "batch statistics": lambda: (model_of(layers.BatchNormalization(epsilon=0.01), shape=(4,)), batch(6, 4)),
    "over another axis": lambda: (model_of(layers.BatchNormalization(axis=1), shape=(3, 4, 5)), batch(6, 3, 4, 5)),
    "over unmasked steps": lambda: (
        model_of(layers.Masking(), layers.BatchNormalization(), shape=(5, 3)),
        masked(4, 5, 3),
    ),
    "renormalized": lambda: (
        model_of(layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1.1, "dmax": 0.2}), shape=(4,)),
        batch(6, 4),
    ),
    "frozen": lambda: (model_of(frozen(layers.BatchNormalization()), shape=(4,)), batch(6, 4)),
    "step by step": lambda: (model_of(layers.TimeDistributed(layers.BatchNormalization()), shape=(None, 3)), batch(4, 5, 3)),
    "in a nested model": lambda: (
        model_of(model_of(layers.Dense(5), layers.BatchNormalization(), shape=(4,)), layers.Dense(2), shape=(4,)),
        batch(5, 4),
    ),
    "spectral norm": lambda: (
        model_of(layers.SpectralNormalization(layers.Conv2D(4, 3), power_iterations=2), shape=(6, 6, 2)),
        batch(3, 6, 6, 2),
    ),
    "rates of 0 and 1": lambda: (
        model_of(layers.Dropout(0.0), layers.GaussianNoise(0.0), layers.Dropout(1.0), shape=(4,)),
        batch(3, 4),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EXACT)
def test_what_is_not_drawn_is_as_in_keras(server, name, tmp_path, case):  # noqa: F811
    model, x = EXACT[case]()
    archive = saved(random_weights(model), tmp_path)
    upload(server, name, archive, {"name": "train", "training": True})
    expected = numpy.asarray(reloaded(archive, tmp_path)(x, training=True))
    for _ in range(2):  # an endpoint answers, it does not train: the second answer is the first
        assert difference(only(call(server, name, "train", x=x)), expected, "float32") is None
    expected = numpy.asarray(reloaded(archive, tmp_path)(x, training=False))
    assert difference(only(call(server, name, "serve", x=x)), expected, "float32") is None


DRAWN = {
    "Dropout": lambda: layers.Dropout(0.3),
    "Dropout of columns": lambda: layers.Dropout(0.3, noise_shape=(None, 1, None)),
    "SpatialDropout1D": lambda: layers.SpatialDropout1D(0.3),
    "GaussianDropout": lambda: layers.GaussianDropout(0.3),
    "GaussianNoise": lambda: layers.GaussianNoise(0.3),
    "AlphaDropout": lambda: layers.AlphaDropout(0.3),
    "LSTM": lambda: layers.LSTM(3, dropout=0.3, recurrent_dropout=0.2, return_sequences=True),
    "GRU": lambda: layers.GRU(3, dropout=0.3, recurrent_dropout=0.2, reset_after=False),
    "SimpleRNN": lambda: layers.Bidirectional(layers.SimpleRNN(3, dropout=0.3)),
    "StackedRNNCells": lambda: layers.RNN(
        layers.StackedRNNCells([layers.LSTMCell(3, dropout=0.3), layers.GRUCell(2, recurrent_dropout=0.3)])
    ),
    "ConvLSTM1D": lambda: keras.Sequential(
        [layers.Reshape((4, 3, 1)), layers.ConvLSTM1D(2, 2, dropout=0.3, recurrent_dropout=0.2)]
    ),
    "TimeDistributed": lambda: layers.TimeDistributed(keras.Sequential([layers.Dense(2), layers.Dropout(0.3)])),
    "MultiHeadAttention": lambda: SelfAttention(),
}  # fmt: skip


def SelfAttention():  # noqa: N802  made like a layer
    inputs = Input((4, 3))
    return Model(inputs, layers.MultiHeadAttention(2, 3, dropout=0.3)(inputs, inputs))


@pytest.mark.parametrize("case", DRAWN)
def test_what_is_drawn_has_the_statistics_of_keras(server, name, tmp_path, case):  # noqa: F811
    model = random_weights(model_of(DRAWN[case](), shape=(4, 3)))
    assert_same_statistics(server, name, tmp_path, model, batch(1, 4, 3))


AUGMENTED = {
    "RandomFlip": lambda: layers.RandomFlip("horizontal"),
    "RandomBrightness": lambda: layers.RandomBrightness((-0.2, 0.4)),
    "RandomContrast": lambda: layers.RandomContrast(0.4),
    "RandomRotation": lambda: layers.RandomRotation(0.1),
    "RandomTranslation": lambda: layers.RandomTranslation(0.3, (-0.1, 0.4), seed=4),
    "RandomZoom": lambda: layers.RandomZoom((-0.3, 0.2), fill_mode="constant"),
    "Pipeline": lambda: layers.Pipeline([layers.RandomFlip("vertical"), layers.RandomZoom(0.2, 0.3)]),
}  # fmt: skip


@pytest.mark.parametrize("case", AUGMENTED)
def test_images_are_augmented_as_in_keras(server, name, tmp_path, case):  # noqa: F811
    image = numpy.random.default_rng(5).uniform(0, 255, (1, 4, 5, 2)).astype("float32")
    assert_same_statistics(server, name, tmp_path, model_of(AUGMENTED[case](), shape=(4, 5, 2)), image)


def assert_same_statistics(server, name, tmp_path, model, row) -> None:  # noqa: F811
    """One row many times over: each is drawn by itself, so the rows' mean and variance are what Keras's have."""
    upload(server, name, saved(model, tmp_path), {"name": "train", "training": True})
    x = numpy.repeat(row, ROWS, 0)
    first, second = (only(call(server, name, "train", x=x)).astype("float64") for _ in range(2))
    assert (first != second).any()
    expected = numpy.asarray(model(x, training=True)).astype("float64")
    assert first.shape == expected.shape
    error = numpy.sqrt((first.var(0) + expected.var(0)) / ROWS) + 1e-6
    assert (numpy.abs(first.mean(0) - expected.mean(0)) < ERRORS * error).all()
    squares, expected_squares = (first - first.mean(0)) ** 2, (expected - expected.mean(0)) ** 2
    error = numpy.sqrt((squares.var(0) + expected_squares.var(0)) / ROWS) + 1e-6
    assert (numpy.abs(squares.mean(0) - expected_squares.mean(0)) < ERRORS * error).all()


def test_dropout_drops_at_its_rate_and_scales_the_rest(server, name, tmp_path):  # noqa: F811
    rate, shape = 0.25, (ROWS, 10)
    upload(server, name, saved(model_of(layers.Dropout(rate), shape=(10,)), tmp_path), {"name": "train", "training": True})
    answer = only(call(server, name, "train", x=numpy.ones(shape)))
    dropped = answer == 0
    assert numpy.allclose(answer[~dropped], 1 / (1 - rate))
    assert abs(dropped.mean() - rate) < ERRORS * numpy.sqrt(rate * (1 - rate) / dropped.size)


def test_monte_carlo_dropout_is_what_the_model_records(server, name, tmp_path):  # noqa: F811
    """`model(x)` follows the call's own argument, `training=True` and `training=False` overrule it, as in Keras."""
    inputs = Input((8,), name="x")
    model = Model(inputs, layers.BatchNormalization()(layers.Dropout(0.5)(inputs, training=True), training=False))
    x = numpy.ones((4, 8), "float32")
    upload(server, name, saved(model, tmp_path), *({"name": f"mode_{mode}", "training": mode} for mode in (True, False, "recorded")))
    serve = only(call(server, name, "serve", x=x))
    assert difference(serve, numpy.asarray(model(x, training=False)), "float32") is None
    assert (only(call(server, name, "mode_False", x=x)) == serve).all()
    scale = 1 / numpy.sqrt(1 + 1e-3)
    assert numpy.isclose(only(call(server, name, "mode_recorded", x=x)), 0, atol=1e-6).any()
    drawn = only(call(server, name, "mode_recorded", x=x))
    assert set(numpy.round(drawn.ravel() / scale, 3)) <= {0.0, 2.0}
    assert not set(numpy.round(only(call(server, name, "mode_True", x=x)).ravel() / scale, 3)) <= {0.0, 2.0}


def test_a_layer_by_itself_trains_too(server, name, tmp_path):  # noqa: F811
    model = model_of(layers.Dense(4), layers.BatchNormalization(name="norm"), layers.Dense(2), shape=(4,))
    endpoint = {"name": "normalize", "target": "norm", "training": True}
    upload(server, name, saved(random_weights(model), tmp_path), endpoint)
    x = batch(6, 4)
    expected = numpy.asarray(model.get_layer("norm")(x, training=True))
    assert difference(only(call(server, name, "normalize", inputs=x)), expected, "float32") is None


def test_an_augmentation_that_is_not_drawn_is_refused_by_name(server, name, tmp_path):  # noqa: F811
    model = model_of(layers.AugMix(name="mixing"), shape=(4, 4, 3))
    form = {
        "model": ("model.keras", saved(model, tmp_path)),
        "endpoints": ("endpoints.json", '{"endpoints": [{"name": "train", "training": true}]}'),
    }
    answer = requests.post(server.url(name), files=form, timeout=120)
    assert answer.status_code == 501, answer.text
    assert "mixing" in answer.text and "AugMix" in answer.text and "training" in answer.text
