"""Trains `forecast`: how much carbon dioxide will the air hold in the next 13 weeks?

Data: the weekly means measured at Mauna Loa, Hawaii, from March 1958 to December 2001, which statsmodels ships. Weeks
without a measurement are interpolated. The model is trained on the weeks before 1990 and judged on those after.

Input  `weeks`: float32 (batch, 52, 1), the past 52 weekly means in ppm, oldest first.
Output `output_0`: float32 (batch, 13), the next 13 weekly means in ppm.

The network sees each week's difference from the latest one, and its answer is added to the latest one: the level of
the series, which has never stopped rising, stays out of what it has to learn.
"""

import keras
import numpy
from keras import layers
from statsmodels.datasets import co2

from publish import publish

PAST, AHEAD = 52, 13


def build() -> keras.Model:
    weeks = keras.Input((PAST, 1), name="weeks")
    latest = weeks[:, -1]
    differences = weeks - weeks[:, -1:]
    x = layers.LSTM(32)(differences)
    return keras.Model(weeks, layers.Dense(AHEAD, name="change")(x) + latest)


def windows(series: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Every stretch of 52 weeks, and the 13 weeks that follow it."""
    stretches = numpy.lib.stride_tricks.sliding_window_view(series, PAST + AHEAD)
    return stretches[:, :PAST, numpy.newaxis], stretches[:, PAST:]


def main() -> None:
    keras.utils.set_random_seed(1958)
    series = co2.load_pandas().data["co2"].interpolate().astype("float32")
    train_x, train_y = windows(series[:"1989"].to_numpy())
    test_x, test_y = windows(series["1990":].to_numpy())

    model = build()
    model.compile(keras.optimizers.Adam(0.005), "mean_absolute_error")
    model.fit(train_x, train_y, epochs=25, batch_size=64, verbose=0)
    error = numpy.abs(model.predict(test_x, verbose=0) - test_y).mean()
    same_as_latest = numpy.abs(test_x[:, -1] - test_y).mean()
    print(f"forecast: off by {error:.2f} ppm on average, {len(test_y)} unseen stretches")
    print(f"(off by {same_as_latest:.2f} ppm when every week is taken to be as the latest)")
    publish("forecast", model, test_x[-1:])


if __name__ == "__main__":
    main()
