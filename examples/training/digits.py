"""Trains `digits`: which digit was written by hand?

Data: the 1797 images that scikit-learn ships, from the test set of the UCI "Optical Recognition of Handwritten
Digits" collection: 8 x 8 pixels, ink from 0 (none) to 16 (full).

Input  `image`: float32 (batch, 8, 8, 1), ink as it is in the data; the model scales it itself.
Output `output_0`: float32 (batch, 10), the probability of each digit.
"""

import keras
import numpy
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from publish import publish


def build() -> keras.Model:
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Rescaling(1 / 16)(image)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="digit")(x))


def main() -> None:
    keras.utils.set_random_seed(1797)
    digits = load_digits()
    images = digits.images[..., numpy.newaxis].astype("float32")
    train_x, test_x, train_y, test_y = train_test_split(
        images, digits.target, test_size=0.25, stratify=digits.target, random_state=0
    )
    model = build()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train_x, train_y, epochs=30, batch_size=32, verbose=0)
    _, accuracy = model.evaluate(test_x, test_y, verbose=0)
    print(f"digits: {accuracy:.1%} of {len(test_y)} unseen images right")
    print(f"the request holds the digits {test_y[:3].tolist()}")
    publish("digits", model, test_x[:3])


if __name__ == "__main__":
    main()
