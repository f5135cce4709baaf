"""The corpus's whole models answer as Keras did, over REST and gRPC, and so do the examples."""

import json

import numpy
import pytest
import tensorflow
from tensorflow_serving.apis import predict_pb2

import corpus
from bounds import difference
from repository import EXAMPLES

CASES = corpus.names("model_")


def answers_as_keras(case: corpus.Case, answers: dict[str, numpy.ndarray]) -> None:
    assert sorted(answers) == sorted(case.outputs)
    for name, keras in case.outputs.items():
        wrong = difference(answers[name], keras, case.output_dtypes[name], case.tolerance)
        assert wrong is None, f"{name}: {wrong}"


def float32(values: list) -> numpy.ndarray:
    return numpy.asarray(values, "float32")


def as_arrays(values: dict[str, list], case: corpus.Case) -> dict[str, numpy.ndarray]:
    return {name: numpy.asarray(value, case.outputs[name].dtype) for name, value in values.items()}


@pytest.mark.parametrize("name", CASES)
def test_rest_rows(server, name):
    case = corpus.load(name)
    columns = {key: value.tolist() for key, value in case.inputs.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if len(columns) == 1:
        rows = [value for row in rows for value in row.values()]
    answer = server.predict(name, {"instances": rows})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    predictions = answer.json()["predictions"]
    if len(case.outputs) == 1:
        (output,) = case.outputs
        predictions = [{output: row} for row in predictions]
    stacked = {output: [row[output] for row in predictions] for output in case.outputs}
    answers_as_keras(case, as_arrays(stacked, case))


@pytest.mark.parametrize("name", CASES)
def test_rest_columns(server, name):
    case = corpus.load(name)
    answer = server.predict(name, {"inputs": {key: value.tolist() for key, value in case.inputs.items()}})
    assert answer.status_code == 200, answer.text
    outputs = answer.json()["outputs"]
    if len(case.outputs) == 1:
        (output,) = case.outputs
        outputs = {output: outputs}
    answers_as_keras(case, as_arrays(outputs, case))


@pytest.mark.parametrize("name", CASES)
def test_grpc(prediction_service, name):
    case = corpus.load(name)
    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    for key, value in case.inputs.items():
        request.inputs[key].CopyFrom(tensorflow.make_tensor_proto(value))
    response = prediction_service.Predict(request, timeout=60)
    assert (response.model_spec.name, response.model_spec.version.value) == (name, 1)
    assert response.model_spec.signature_name in ("serving_default", "serve")
    answers_as_keras(case, {key: tensorflow.make_ndarray(value) for key, value in response.outputs.items()})


@pytest.mark.parametrize("name", ["digits", "wine", "sentiment", "forecast"])
def test_example_answers_its_request(server, name):
    request = (EXAMPLES / f"requests/{name}.json").read_bytes()
    expected = json.loads((EXAMPLES / f"requests/{name}.expected.json").read_text())["predictions"]
    answer = server.predict(name, json.loads(request))
    assert answer.status_code == 200, answer.text
    assert difference(float32(answer.json()["predictions"]), float32(expected), "float32") is None


@pytest.mark.parametrize("signature", ["serve", "serving_default", ""])
def test_the_endpoint_has_both_of_its_names(prediction_service, signature):
    response = prediction_service.Predict(wine_request(signature=signature), timeout=60)
    assert list(response.outputs) == ["output_0"]


def test_output_filter_leaves_the_named_outputs(prediction_service):
    name = "model_k3.8.0_multi_io_dict_out"
    case = corpus.load(name)
    request = predict_pb2.PredictRequest(output_filter=["reg"])
    request.model_spec.name = name
    for key, value in case.inputs.items():
        request.inputs[key].CopyFrom(tensorflow.make_tensor_proto(value))
    assert list(prediction_service.Predict(request, timeout=60).outputs) == ["reg"]


def test_typed_values_are_read_as_tensor_content_is(prediction_service):
    """A TensorProto holds its numbers as raw bytes or in a repeated field, whose last value stands for all that follow."""
    request = wine_request()
    full = prediction_service.Predict(request, timeout=60).outputs["output_0"]
    values = tensorflow.make_ndarray(request.inputs["analysis"])
    typed = request.inputs["analysis"]
    typed.ClearField("tensor_content")
    del typed.float_val[:]
    typed.float_val.extend(values.ravel().tolist())
    assert prediction_service.Predict(request, timeout=60).outputs["output_0"] == full
    del typed.float_val[1:]
    repeated = tensorflow.make_ndarray(prediction_service.Predict(request, timeout=60).outputs["output_0"])
    assert (repeated == repeated[0]).all()


def test_one_request_and_many_have_the_same_rows(server):
    rows = json.loads((EXAMPLES / "requests/digits.json").read_text())["instances"]
    together = server.predict("digits", {"instances": rows * 100}).json()["predictions"]
    alone = [server.predict("digits", {"instances": [row]}).json()["predictions"][0] for row in rows]
    assert difference(float32(together), float32(alone * 100), "float32") is None


def wine_request(signature: str = "serving_default", **inputs) -> predict_pb2.PredictRequest:
    rows = json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"]
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "wine"
    request.model_spec.signature_name = signature
    for name, value in (inputs or {"analysis": numpy.array(rows, "float32")}).items():
        request.inputs[name].CopyFrom(tensorflow.make_tensor_proto(value))
    return request
