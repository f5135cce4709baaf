"""Trains `wine`: which of three cultivars was a wine pressed from?

Data: the 178 chemical analyses that scikit-learn ships, from the UCI "Wine" collection.

Input  `analysis`: float32 (batch, 13), in the order of scikit-learn's `load_wine().feature_names`: alcohol, malic
acid, ash, alcalinity of ash, magnesium, total phenols, flavanoids, nonflavanoid phenols, proanthocyanins, colour
intensity, hue, OD280/OD315 of diluted wines, proline. The values are those of the data: a Normalization layer adapted
to the training set brings them to one scale.
Output `output_0`: float32 (batch, 3), the probability of each cultivar.
"""

import keras
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

from publish import publish


def build(train_x) -> keras.Model:
    normalization = layers.Normalization()
    normalization.adapt(train_x)
    analysis = keras.Input((13,), name="analysis")
    x = normalization(analysis)
    x = layers.Dense(16, activation="relu")(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(analysis, layers.Dense(3, activation="softmax", name="cultivar")(x))


def main() -> None:
    keras.utils.set_random_seed(178)
    wine = load_wine()
    train_x, test_x, train_y, test_y = train_test_split(
        wine.data.astype("float32"), wine.target, test_size=0.3, stratify=wine.target, random_state=0
    )
    model = build(train_x)
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train_x, train_y, epochs=60, batch_size=16, verbose=0)
    _, accuracy = model.evaluate(test_x, test_y, verbose=0)
    print(f"wine: {accuracy:.1%} of {len(test_y)} unseen wines right")
    print(f"the request holds wines of the cultivars {test_y[:3].tolist()}")
    publish("wine", model, test_x[:3])


if __name__ == "__main__":
    main()
