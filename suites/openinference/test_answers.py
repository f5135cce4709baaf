"""tritonclient gets Keras's answers: the corpus, every dtype, the examples, each way that it has of asking."""

import json

import keras
import numpy
import pytest

import corpus
import dtypes
import exchange
from bounds import difference
from conftest import corpus_cases
from repository import EXAMPLES


def named(way) -> str:
    return way.__name__


def requires_json(way, metadata: dict) -> bool:
    return way is exchange.http_json and not exchange.has_json(metadata)


def answers_as_keras(answers: dict[str, numpy.ndarray], case: corpus.Case) -> None:
    assert sorted(answers) == sorted(case.outputs)
    for name, keras_answer in case.outputs.items():
        answer = answers[name]
        if answer.dtype == object:
            texts = [text.decode() if isinstance(text, bytes) else text for text in answer.ravel()]
            answer = numpy.array(texts).reshape(answer.shape)
        elif case.output_dtypes[name] == "bfloat16":
            answer = answer.astype("float32")  # as the corpus keeps it
        wrong = difference(answer, keras_answer, case.output_dtypes[name], case.tolerance)
        assert wrong is None, f"{name}: {wrong}"


@pytest.mark.parametrize("way", exchange.WAYS, ids=named)
@pytest.mark.parametrize("name", corpus_cases())
def test_corpus(server, http, grpc, name, way):
    case = corpus.load(name)
    metadata = http.get_model_metadata(name)
    if requires_json(way, metadata):
        pytest.skip("half types have no form in JSON")
    result = way(server, http, grpc, name, metadata, case.inputs)
    answers_as_keras(exchange.outputs(result, metadata), case)


@pytest.mark.parametrize("way", exchange.WAYS, ids=named)
@pytest.mark.parametrize("dtype", dtypes.ALL)
def test_extremes_of_each_dtype(server, http, grpc, dtype, way):
    model = f"doubling_{dtype}"
    values = dtypes.extremes(dtype)
    metadata = http.get_model_metadata(model)
    if requires_json(way, metadata):
        pytest.skip("half types have no form in JSON")
    result = way(server, http, grpc, model, metadata, {"values": values})
    answer = result.as_numpy("output_0")
    expected = keras.ops.convert_to_numpy(dtypes.doubling(dtype)(keras.ops.convert_to_tensor(values)))
    assert answer.tolist() == expected.astype(answer.dtype).tolist()


@pytest.mark.parametrize("way", exchange.WAYS + exchange.OTHER_WAYS, ids=named)
@pytest.mark.parametrize("name", ["digits", "wine", "sentiment", "forecast"])
def test_examples(server, http, grpc, name, way):
    rows = json.loads((EXAMPLES / f"requests/{name}.json").read_text())["instances"]
    expected = json.loads((EXAMPLES / f"requests/{name}.expected.json").read_text())["predictions"]
    metadata = http.get_model_metadata(name)
    (given,) = metadata["inputs"]
    result = way(server, http, grpc, name, metadata, {given["name"]: numpy.array(rows)})
    wrong = difference(result.as_numpy("output_0"), numpy.array(expected, "float32"), "float32")
    assert wrong is None, wrong


@pytest.mark.parametrize("way", exchange.OTHER_WAYS, ids=named)
@pytest.mark.parametrize("name", corpus.names("model_k3.10.0_t"))
def test_strings_and_several_inputs(server, http, grpc, name, way):
    case = corpus.load(name)
    metadata = http.get_model_metadata(name)
    answers_as_keras(exchange.outputs(way(server, http, grpc, name, metadata, case.inputs), metadata), case)
