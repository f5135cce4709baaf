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


def asked(types_by_name: dict[str, set[str]]) -> pytest.MarkDecorator:
    """Each name in each way that there is for its types: half types have no form in JSON."""
    return pytest.mark.parametrize(
        "name, way",
        [
            pytest.param(name, way, id=f"{name}-{named(way)}")
            for name, types in types_by_name.items()
            for way in exchange.WAYS
            if way is not exchange.http_json or not types & {"float16", "bfloat16"}
        ],
    )


def types_of(name: str) -> set[str]:
    case = corpus.manifest()[name]
    return {tensor["dtype"] for tensor in case["inputs"] + case["outputs"]}


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


@asked({name: types_of(name) for name in corpus_cases()})
def test_corpus(server, http, grpc, name, way):
    case = corpus.load(name)
    metadata = http.get_model_metadata(name)
    result = way(server, http, grpc, name, metadata, case.inputs)
    answers_as_keras(exchange.outputs(result, metadata), case)


@asked({dtype: {dtype} for dtype in dtypes.ALL})
def test_extremes_of_each_dtype(server, http, grpc, name, way):
    dtype, model = name, f"doubling_{name}"
    values = dtypes.extremes(dtype)
    metadata = http.get_model_metadata(model)
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
