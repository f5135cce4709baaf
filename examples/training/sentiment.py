"""Trains `sentiment`: does a sentence speak well or badly of its subject?

Data: the tweets, sentences of film reviews, of product reviews and of newspaper editorials that C. J. Hutto and E.
Gilbert had rated by twenty people each from -4 (most negative) to 4 (most positive), published with VADER
(ICWSM 2014, MIT licence) and shipped in the source distribution of the PyPI package `vaderSentiment`. Sentences rated
between -0.5 and 0.5 are left out. This script asks pip for that distribution.

Input  `tokens`: int32 (batch, length), numbers of words. 0 is padding, 1 a word that is not in the vocabulary, and
n + 2 the word on line n, counted from 0, of sentiment.vocabulary.txt beside this script. A sentence is lower-cased and
cut into its runs of letters and apostrophes.
Output `output_0`: float32 (batch, 1), the probability that the sentence is positive.
"""

import collections
import io
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

import keras
import numpy
from keras import layers
from sklearn.model_selection import train_test_split

from publish import publish

DISTRIBUTION = "vaderSentiment==3.3.2"
GROUND_TRUTH = ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets")
VOCABULARY_FILE = pathlib.Path(__file__).with_name("sentiment.vocabulary.txt")
VOCABULARY_SIZE = 4000
LENGTH = 32
NEUTRAL = 0.5


def load_sentences() -> list[tuple[float, str]]:
    """Each sentence with its mean rating."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        subprocess.run([*pip, "--dest", folder, DISTRIBUTION], check=True)
        distribution, = pathlib.Path(folder).iterdir()
        study = io.BytesIO(read_member(tarfile.open(distribution), "hutto_ICWSM_2014.tar.gz"))
    study = tarfile.open(fileobj=study)
    sentences = []
    for source in GROUND_TRUTH:
        for line in read_member(study, f"/{source}_GroundTruth.txt").decode("utf-8", "replace").splitlines():
            _, rating, sentence = line.split("\t", 2)
            sentences.append((float(rating), sentence))
    return sentences


def read_member(archive: tarfile.TarFile, ending: str) -> bytes:
    member, = (name for name in archive.getnames() if name.endswith(ending) and "/._" not in name)
    return archive.extractfile(member).read()


def words(sentence: str) -> list[str]:
    return re.findall(r"[a-z']+", sentence.lower())


def most_frequent_words(sentences: list[str]) -> list[str]:
    counts = collections.Counter(word for sentence in sentences for word in words(sentence))
    return sorted(counts, key=lambda word: (-counts[word], word))[:VOCABULARY_SIZE]


def tokenize(sentences: list[str], vocabulary: list[str]) -> numpy.ndarray:
    numbers = {word: number for number, word in enumerate(vocabulary, start=2)}
    tokens = [[numbers.get(word, 1) for word in words(sentence)] for sentence in sentences]
    return keras.utils.pad_sequences(tokens, LENGTH, dtype="int32", padding="post", truncating="post")


def build() -> keras.Model:
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = layers.Embedding(VOCABULARY_SIZE + 2, 12, mask_zero=True)(tokens)
    x = layers.Dropout(0.4)(x)
    x = layers.Bidirectional(layers.GRU(12))(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(tokens, layers.Dense(1, activation="sigmoid", name="positive")(x))


def main() -> None:
    keras.utils.set_random_seed(2014)
    rated = [(rating > 0, sentence) for rating, sentence in load_sentences() if abs(rating) >= NEUTRAL]
    train, test = train_test_split(rated, test_size=0.2, random_state=0)
    train_y, train_text = zip(*train)
    test_y, test_text = zip(*test)
    vocabulary = most_frequent_words(train_text)
    VOCABULARY_FILE.write_text("\n".join(vocabulary) + "\n")

    model = build()
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
    train_x, test_x = tokenize(train_text, vocabulary), tokenize(test_text, vocabulary)
    model.fit(train_x, numpy.array(train_y, "float32"), epochs=5, batch_size=64, verbose=0)
    _, accuracy = model.evaluate(test_x, numpy.array(test_y, "float32"), verbose=0)
    print(f"sentiment: {accuracy:.1%} of {len(test_y)} unseen sentences right ({numpy.mean(test_y):.1%} are positive)")
    shown = [*numpy.flatnonzero(test_y)[:2], *numpy.flatnonzero(numpy.logical_not(test_y))[:2]]
    for index in shown:
        print(f"the request holds a {'positive' if test_y[index] else 'negative'} one: {test_text[index]}")
    publish("sentiment", model, test_x[shown])


if __name__ == "__main__":
    main()
