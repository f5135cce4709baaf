"""tf.Example in, classes and numbers out: Classify, Regress and MultiInference, over REST and gRPC.

What features mean is what `tf.io.parse_example` says; what they give, what Keras says.
"""

import json

import grpc
import keras
import numpy
import pytest
import requests
import tensorflow
from tensorflow_serving.apis import classification_pb2, inference_pb2, regression_pb2

from bounds import difference
from repository import EXAMPLES

ROWS = numpy.array(json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"], "float32")
SCORES = numpy.array(json.loads((EXAMPLES / "requests/wine.expected.json").read_text())["predictions"], "float32")
CLASSIFY, REGRESS = "tensorflow/serving/classify", "tensorflow/serving/regress"


def example(**features) -> tensorflow.train.Example:
    made = tensorflow.train.Example()
    for name, values in features.items():
        values = numpy.atleast_1d(values)
        feature = made.features.feature[name]
        if values.dtype.kind == "f":
            feature.float_list.value.extend(values.tolist())
        elif values.dtype.kind in "iu":
            feature.int64_list.value.extend(values.tolist())
        else:
            feature.bytes_list.value.extend(value.encode() for value in values.tolist())
    return made


@pytest.fixture(scope="module")
def model(server, tmp_path_factory):
    """A regression over a float, an integer and a text feature, and Keras's own answer to it."""
    size = keras.Input((2,), name="size")
    floor = keras.Input((), dtype="int64", name="floor")
    town = keras.Input((), dtype="string", name="town")
    index = keras.layers.StringLookup(vocabulary=["Bern", "Basel"])(town)
    numbers = [keras.layers.Reshape((1,))(keras.ops.cast(part, "float32")) for part in (floor, index)]
    price = keras.layers.Dense(1)(keras.layers.Concatenate()([size, *numbers]))
    made = keras.Model([size, floor, town], price)
    path = tmp_path_factory.mktemp("model") / "price.keras"
    made.save(path)
    answer = server.upload("price", path.read_bytes())
    assert answer.status_code == 201, answer.text
    yield made
    server.delete("price")


FLATS = [
    {"size": [70.5, 2.0], "floor": [3], "town": ["Bern"]},
    {"size": [33.0, 1.0], "floor": [-1], "town": ["Genf"]},
]


def keras_prices(model: keras.Model) -> numpy.ndarray:
    specification = {
        "size": tensorflow.io.FixedLenFeature([2], tensorflow.float32),
        "floor": tensorflow.io.FixedLenFeature([], tensorflow.int64),
        "town": tensorflow.io.FixedLenFeature([], tensorflow.string),
    }
    parsed = tensorflow.io.parse_example([example(**flat).SerializeToString() for flat in FLATS], specification)
    return numpy.asarray(model([parsed["size"], parsed["floor"], parsed["town"]]))[:, 0]


def test_regress_over_rest(server, model):
    flats = [{**flat, "floor": flat["floor"][0], "unknown": 1} for flat in FLATS]
    answer = requests.post(server.url("price:regress"), json={"examples": flats}, timeout=30)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["results"]
    assert difference(numpy.float32(answer.json()["results"]), keras_prices(model), "float32") is None


def test_regress_over_grpc(prediction_service, model):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name = "price"
    request.input.example_list.examples.extend(example(**flat) for flat in FLATS)
    response = prediction_service.Regress(request, timeout=30)
    assert (response.model_spec.version.value, response.model_spec.signature_name) == (1, "serving_default")
    prices = numpy.float32([regression.value for regression in response.result.regressions])
    assert difference(prices, keras_prices(model), "float32") is None


def test_a_context_is_every_examples(server, prediction_service, model):
    context = {"floor": 3, "town": "Bern"}
    expected = requests.post(
        server.url("price:regress"), json={"examples": [{"size": [70.5, 2.0], **context}]}, timeout=30
    ).json()
    body = {"context": context, "examples": [{"size": [70.5, 2.0]}]}
    assert requests.post(server.url("price:regress"), json=body, timeout=30).json() == expected
    request = regression_pb2.RegressionRequest()
    request.model_spec.name = "price"
    listed = request.input.example_list_with_context
    listed.context.CopyFrom(example(floor=[3], town=["Bern"]))
    listed.examples.append(example(size=[70.5, 2.0]))
    (regression,) = prediction_service.Regress(request, timeout=30).result.regressions
    assert regression.value == pytest.approx(expected["results"][0])


def test_classify_over_rest_has_no_labels_where_the_signature_has_none(server):
    body = {"examples": [{"analysis": row.tolist()} for row in ROWS]}
    answer = requests.post(server.url("wine:classify"), json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert {label for classes in results for label, _ in classes} == {""}
    assert difference(numpy.float32([[score for _, score in classes] for classes in results]), SCORES, "float32") is None


@pytest.fixture
def named(server):
    """An endpoint with scores and the names of classes."""
    path = server.url("wine/endpoints/named")
    steps = [{"op": "top_k", "k": 2}]
    output = {"names": ["scores", "classes"], "steps": steps, "labels": ["white", "rose", "red"]}
    answer = requests.put(path, json={"outputs": [output]}, timeout=60)
    assert answer.status_code in (200, 201), answer.text
    yield "named"
    requests.delete(path, timeout=60)


def test_classify_with_labels(server, prediction_service, named):
    body = {"signature_name": named, "examples": [{"analysis": row.tolist()} for row in ROWS]}
    answer = requests.post(server.url("wine:classify"), json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    labels = numpy.array(["white", "rose", "red"])
    best = numpy.argmax(SCORES, axis=-1)
    assert [classes[0][0] for classes in answer.json()["results"]] == labels[best].tolist()
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name, request.model_spec.signature_name = "wine", named
    request.input.example_list.examples.extend(example(analysis=row) for row in ROWS)
    response = prediction_service.Classify(request, timeout=30)
    assert [found.classes[0].label for found in response.result.classifications] == labels[best].tolist()
    assert [len(found.classes) for found in response.result.classifications] == [2] * len(ROWS)


def test_multi_inference(prediction_service, named):
    request = inference_pb2.MultiInferenceRequest()
    for signature in ("", named):
        task = request.tasks.add(method_name=CLASSIFY)
        task.model_spec.name, task.model_spec.signature_name = "wine", signature
    request.input.example_list.examples.extend(example(analysis=row) for row in ROWS)
    plain, labelled = prediction_service.MultiInference(request, timeout=30).results
    assert plain.model_spec.signature_name == "serving_default"
    assert [len(found.classes) for found in plain.classification_result.classifications] == [3] * len(ROWS)
    assert labelled.model_spec.signature_name == named
    assert labelled.classification_result.classifications[0].classes[0].label


@pytest.mark.parametrize(
    "method, body, message",
    [
        ("classify", "", "JSON Parse error: The document is empty"),
        ("classify", {}, "When method is classify, key 'examples' is expected and was not found"),
        ("classify", {"examples": 1}, "Expecting 'examples' value to be an list/array"),
        ("classify", {"examples": []}, "'examples' value is an empty array"),
        ("classify", {"examples": [1]}, "Example must be JSON object but got JSON Number"),
        ("classify", {"examples": [{"a": None}]}, "Feature: a has element with unexpected JSON type: Null"),
        ("classify", {"examples": [{"a": [[1]]}]}, "Feature: a has element with unexpected JSON type: Array"),
        ("classify", {"examples": [{"a": [1, 1.5]}]}, "Unexpected element type in feature: a expecting type: int64"),
        ("classify", {"examples": [{"a": [2**63]}]}, "Feature: a has uint64_t element. Only int64_t is supported."),
        ("classify", {"examples": [{}]}, "Feature: analysis (data type: float) is required but could not be found."),
        (
            "classify",
            {"examples": [{"analysis": [1, 2]}]},
            "Key: analysis, Index: 0.  Data types don't match. Data type: int64 but expected type: float",
        ),
        (
            "classify",
            {"examples": [{"analysis": [1.5]}]},
            "Number of float values != expected.  Values size: 1 but output shape: [13]",
        ),
        ("classify", {"signature_name": "no", "examples": [{"a": 1}]}, "No signature was found with the name: no"),
        ("classify", {"signature_name": 1, "examples": [{"a": 1}]}, "'signature_name' key must be a string value."),
        (
            "regress",
            {"examples": [{"analysis": ROWS[0].tolist()}]},
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [1,3]",
        ),
    ],
)
def test_what_does_not_fit(server, method, body, message):
    data = body if isinstance(body, str) else json.dumps(body)
    answer = requests.post(server.url(f"wine:{method}"), data=data, timeout=30)
    assert answer.status_code == 400, answer.text
    assert message in answer.json()["error"]


@pytest.mark.parametrize(
    "change, code, message",
    [
        (lambda request: request.tasks[1].ClearField("model_spec"), "INVALID_ARGUMENT", "an empty model name"),
        (lambda request: setattr(request.tasks[1].model_spec, "name", "digits"), "INVALID_ARGUMENT", "the same model name"),
        (lambda request: None, "INVALID_ARGUMENT", "Duplicate evaluation of signature: serving_default"),
        (
            lambda request: setattr(request.tasks[1].model_spec, "signature_name", "no"),
            "INVALID_ARGUMENT",
            "Requested signature not found in model graph: no",
        ),
        (
            lambda request: (
                setattr(request.tasks[1].model_spec, "signature_name", "serve"),
                setattr(request.tasks[1], "method_name", "predict"),
            ),
            "UNIMPLEMENTED",
            "Unsupported signature method_name: predict",
        ),
        (
            lambda request: (request.ClearField("input"), request.tasks.pop()),
            "INVALID_ARGUMENT",
            "Input is empty.",
        ),
    ],
)
def test_multi_inferences_that_are_none(prediction_service, change, code, message):
    request = inference_pb2.MultiInferenceRequest()
    for _ in range(2):
        task = request.tasks.add(method_name=CLASSIFY)
        task.model_spec.name = "wine"
    request.input.example_list.examples.append(example(analysis=ROWS[0]))
    change(request)
    with pytest.raises(grpc.RpcError) as refusal:
        prediction_service.MultiInference(request, timeout=30)
    assert refusal.value.code().name == code
    assert message in refusal.value.details()


def test_requests_without_a_model(prediction_service):
    for request, call in (
        (classification_pb2.ClassificationRequest(), prediction_service.Classify),
        (regression_pb2.RegressionRequest(), prediction_service.Regress),
    ):
        with pytest.raises(grpc.RpcError) as refusal:
            call(request, timeout=30)
        assert (refusal.value.code(), refusal.value.details()) == (grpc.StatusCode.INVALID_ARGUMENT, "Missing ModelSpec")
