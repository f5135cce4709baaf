"""Endpoints beside `serve`: layers of a model, what they give, steps after that; held against Keras.

The first tests follow the examples of Keras's guide to `ExportArchive`, whose reloaded artefact is asked for the numbers.
"""

import concurrent.futures
import json
import re
import threading

import keras
import numpy
import pytest
import requests
import tensorflow
from tensorflow_serving.apis import predict_pb2

import corpus
from bounds import difference
from conftest import digits_archive
from repository import EXAMPLES

CHANGES = 200
DIGITS = json.loads((EXAMPLES / "requests/digits.json").read_text())


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.clear_session()
    keras.utils.set_random_seed(11)


@pytest.fixture
def name(server, request):
    chosen = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name)[:100]
    yield chosen
    server.delete(chosen)


def saved(model, tmp_path) -> bytes:
    model.save(tmp_path / "model.keras")
    return (tmp_path / "model.keras").read_bytes()


def upload(server, name: str, archive: bytes, *endpoints: dict):
    form = {"model": ("model.keras", archive)}
    if endpoints:
        form["endpoints"] = ("endpoints.json", json.dumps({"endpoints": endpoints}))
    answer = requests.post(server.url(name), files=form, timeout=120)
    assert answer.status_code == 201, answer.text


def put(server, name: str, endpoint: str, **document) -> requests.Response:
    return requests.put(server.url(f"{name}/endpoints/{endpoint}"), json=document, timeout=120)


def call(server, name: str, endpoint: str, **inputs: numpy.ndarray) -> dict:
    """The answer of POST …/endpoints/ENDPOINT, always as a dict."""
    body = {"inputs": {key: value.tolist() for key, value in inputs.items()}}
    answer = requests.post(server.url(f"{name}/endpoints/{endpoint}"), json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    outputs = answer.json()["outputs"]
    return outputs if isinstance(outputs, dict) else {"": outputs}


def only(outputs: dict) -> numpy.ndarray:
    assert len(outputs) == 1, outputs.keys()
    return numpy.asarray(next(iter(outputs.values())), "float32")


def over_grpc(prediction_service, name: str, endpoint: str, **inputs: numpy.ndarray) -> dict[str, numpy.ndarray]:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    request.model_spec.signature_name = endpoint
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(tensorflow.make_tensor_proto(value))
    answer = prediction_service.Predict(request, 60)
    return {key: tensorflow.make_ndarray(value) for key, value in answer.outputs.items()}


def equal(answer, expected, dtype="float32"):
    assert difference(numpy.asarray(answer), numpy.asarray(expected), dtype) is None


def test_the_guides_first_example(server, prediction_service, name, tmp_path):
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(8), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    export = keras.export.ExportArchive()
    export.track(model)
    export.add_endpoint("serve", model.call, [keras.InputSpec("float32", (None, 16))])
    export.write_out(tmp_path / "artefact", verbose=False)
    x = numpy.random.default_rng(1).normal(size=(5, 16)).astype("float32")
    artefact = tensorflow.saved_model.load(str(tmp_path / "artefact"))
    expected = artefact.serve(x)

    upload(server, name, saved(model, tmp_path))
    equal(only(call(server, name, "serve", **{input_name(server, name): x})), expected)
    equal(over_grpc(prediction_service, name, "serve", **{input_name(server, name): x})["output_0"], expected)
    equal(over_grpc(prediction_service, name, "", **{input_name(server, name): x})["output_0"], expected)


def input_name(server, name: str) -> str:
    return endpoints(server, name)["serve"]["inputs"][0]["name"]


def endpoints(server, name: str) -> dict[str, dict]:
    answer = requests.get(server.url(f"{name}/endpoints"), timeout=10)
    assert answer.status_code == 200, answer.text
    return {endpoint["name"]: endpoint for endpoint in answer.json()["endpoints"]}


def test_the_guides_attention_example(server, prediction_service, name, tmp_path):
    query, value = keras.Input((4, 6), name="q"), keras.Input((3, 6), name="v")
    attention = keras.layers.MultiHeadAttention(2, 2, name="attention")
    model = keras.Model([query, value], keras.layers.GlobalAveragePooling1D()(attention(query, value)))
    export = keras.export.ExportArchive()
    export.track(attention)
    export.add_endpoint(
        "call",
        attention.call,
        [keras.InputSpec("float32", (None, 4, 6), name="query"), keras.InputSpec("float32", (None, 3, 6), name="value")],
    )
    export.write_out(tmp_path / "artefact", verbose=False)
    numbers = numpy.random.default_rng(2)
    q, v = (numbers.normal(size=(2, n, 6)).astype("float32") for n in (4, 3))
    artefact = tensorflow.saved_model.load(str(tmp_path / "artefact"))
    expected = artefact.call(q, v)

    upload(server, name, saved(model, tmp_path), {"name": "call", "target": "attention"})
    assert [given["name"] for given in endpoints(server, name)["call"]["inputs"]] == ["query", "value"]
    equal(only(call(server, name, "call", query=q, value=v)), expected)
    equal(over_grpc(prediction_service, name, "call", query=q, value=v)["output_0"], expected)

    sized = [{"name": "query", "shape": [None, 2, 6]}, {"name": "value", "shape": [None, None, 6]}]
    assert put(server, name, "sized", target="attention", inputs=sized).status_code == 200
    equal(only(call(server, name, "sized", query=q[:, :2], value=v)), attention(q[:, :2], v))


NESTED = corpus.names("model_")[::4]


@pytest.mark.parametrize("case_name", NESTED)
def test_every_layers_output_is_kerass(server, name, tmp_path, case_name):
    case = corpus.load(case_name)
    (tmp_path / "case.keras").write_bytes(case.archive)
    model = keras.saving.load_model(tmp_path / "case.keras", compile=False)
    layers = [layer for layer in model.layers if is_plain(layer)]
    extractor = keras.Model(model.inputs, [layer.output for layer in layers])
    upload(
        server,
        name,
        case.archive,
        {"name": "layers", "outputs": [{"layer": layer.name, "name": layer.name} for layer in layers]},
    )
    given = list(case.inputs.values())
    expected = keras.tree.flatten(extractor(given if len(given) > 1 else given[0], training=False))
    needed = [tensor["name"] for tensor in endpoints(server, name)["layers"]["inputs"]]
    answer = call(server, name, "layers", **{key: value for key, value in case.inputs.items() if key in needed})
    if len(layers) == 1:
        answer = {layers[0].name: answer[""]}
    assert list(answer) == [layer.name for layer in layers]
    for layer, tensor in zip(layers, expected, strict=True):
        wanted = numpy.asarray(tensor)
        dtype = wanted.dtype.name
        got = numpy.asarray(answer[layer.name], wanted.dtype)
        assert difference(got, wanted, dtype, case.tolerance) is None, layer.name


def is_plain(layer) -> bool:
    """Called once, and giving one tensor: what Keras's `layer.output` stands for."""
    return (
        not isinstance(layer, keras.layers.InputLayer)
        and len(layer._inbound_nodes) == 1
        and not isinstance(layer.output, (list, tuple, dict))
        and layer.output.dtype in ("float32", "int32", "int64", "bool")
    )


def test_a_vae_as_encoder_decoder_and_whole(server, prediction_service, name, tmp_path):
    image = keras.Input((8, 8, 1), name="image")
    hidden = keras.layers.Flatten()(keras.layers.Conv2D(4, 3, strides=2, activation="relu")(image))
    encoder = keras.Model(image, {"mean": keras.layers.Dense(2)(hidden), "log_variance": keras.layers.Dense(2)(hidden)}, name="encoder")
    code = keras.Input((2,), name="code")
    pixels = keras.layers.Dense(64, activation="sigmoid")(keras.layers.Dense(16, activation="relu")(code))
    decoder = keras.Model(code, keras.layers.Reshape((8, 8, 1))(pixels), name="decoder")
    model = keras.Model(image, decoder(encoder(image)["mean"]), name="vae")
    upload(server, name, saved(model, tmp_path), {"name": "encode", "target": "encoder"}, {"name": "decode", "target": "decoder"})

    numbers = numpy.random.default_rng(3)
    x, z = numbers.uniform(size=(3, 8, 8, 1)).astype("float32"), numbers.normal(size=(3, 2)).astype("float32")
    encoded = call(server, name, "encode", image=x)
    for key, tensor in encoder(x).items():
        equal(numpy.asarray(encoded[key], "float32"), tensor)
    equal(only(call(server, name, "decode", code=z)), decoder(z))
    equal(only(call(server, name, "serve", image=x)), model(x))
    equal(over_grpc(prediction_service, name, "decode", code=z)["output_0"], decoder(z))


def test_one_tower_of_a_siamese_network(server, name, tmp_path):
    tower = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, activation="tanh"), keras.layers.UnitNormalization()], name="tower")
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    model = keras.Model([left, right], keras.layers.Dot(1)([tower(left), tower(right)]))
    upload(server, name, saved(model, tmp_path), {"name": "embed", "target": "tower"})
    x = numpy.random.default_rng(4).normal(size=(3, 6)).astype("float32")
    given = endpoints(server, name)["embed"]["inputs"]
    equal(only(call(server, name, "embed", **{given[0]["name"]: x})), tower(x))
    of_left = {"outputs": [{"layer": "tower", "call": 0, "name": "embedding"}]}
    assert put(server, name, "left", **of_left).status_code == 200
    assert [tensor["name"] for tensor in endpoints(server, name)["left"]["inputs"]] == ["left"]
    equal(only(call(server, name, "left", left=x)), tower(x))


def test_the_five_best_classes_by_name(server, prediction_service, name, tmp_path):
    labels = [f"class {index}" for index in range(12)]
    model = keras.Sequential([keras.Input((7,), name="x"), keras.layers.Dense(12, name="logits")])
    best = {
        "layer": "logits",
        "names": ["scores", "classes"],
        "steps": ["softmax", {"op": "top_k", "k": 5}],
        "labels": labels,
    }
    upload(server, name, saved(model, tmp_path), {"name": "classify", "outputs": [best]})
    x = numpy.random.default_rng(5).normal(size=(3, 7)).astype("float32")
    scores, indices = keras.ops.top_k(keras.ops.softmax(model(x)), 5)
    answer = call(server, name, "classify", x=x)
    equal(numpy.asarray(answer["scores"], "float32"), scores)
    assert answer["classes"] == [[labels[index] for index in row] for row in numpy.asarray(indices)]
    texts = over_grpc(prediction_service, name, "classify", x=x)["classes"]
    assert texts.tolist() == [[labels[index].encode() for index in row] for row in numpy.asarray(indices)]


def test_features_of_mobilenet_for_transfer_learning(server, name, tmp_path):
    model = keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), classes=10)
    features = {"name": "features", "outputs": [{"layer": "global_average_pooling2d", "name": "features"}]}
    upload(server, name, saved(model, tmp_path), features)
    x = numpy.random.default_rng(6).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    extractor = keras.Model(model.inputs, model.layers[-2].output)
    equal(only(call(server, name, "features", **{input_name(server, name): x})), extractor(x, training=False))
    equal(only(call(server, name, "serve", **{input_name(server, name): x})), model(x, training=False))


def test_endpoints_change_under_load(server, name):
    """No request to the others fails while one endpoint comes and goes."""
    upload(server, name, digits_archive())
    expected = server.predict(name, DIGITS).json()
    done = threading.Event()

    def predict_until_done() -> int:
        with requests.Session() as session:
            answered = 0
            while not done.is_set():
                answer = session.post(server.url(f"{name}:predict"), json=DIGITS, timeout=60)
                assert answer.status_code == 200, answer.text
                assert numpy.allclose(answer.json()["predictions"], expected["predictions"], atol=1e-6)
                answered += 1
            return answered

    with concurrent.futures.ThreadPoolExecutor(2) as clients:
        answered = [clients.submit(predict_until_done) for _ in range(2)]
        try:
            for index in range(CHANGES // 2):
                outputs = [{"layer": "conv2d", "name": f"features_{index}"}]
                assert put(server, name, "features", outputs=outputs).status_code == 200
                assert requests.delete(server.url(f"{name}/endpoints/features"), timeout=60).status_code == 204
        finally:
            done.set()
        assert all(client.result() > 0 for client in answered)


def test_endpoints_outlive_the_process_as_a_file(server, name, models):
    upload(server, name, digits_archive())
    assert put(server, name, "features", outputs=["conv2d"]).status_code == 200
    document = json.loads((models / name / "1/endpoints.json").read_text())
    assert document == {"endpoints": [{"outputs": ["conv2d"], "name": "features"}]}
    assert requests.delete(server.url(f"{name}/endpoints/features"), timeout=60).status_code == 204
    assert not (models / name / "1/endpoints.json").exists()


def test_an_endpoint_is_a_model_of_open_inference(server, name):
    upload(server, name, digits_archive(), {"name": "features", "outputs": [{"layer": "conv2d", "name": "features"}]})
    metadata = requests.get(f"{server.address}/v2/models/{name}:features", timeout=10).json()
    assert [output["name"] for output in metadata["outputs"]] == ["features"]
    images = numpy.asarray(DIGITS["instances"], "float32")
    tensor = {
        "name": metadata["inputs"][0]["name"],
        "shape": images.shape,
        "datatype": "FP32",
        "data": images.ravel().tolist(),
    }
    answer = requests.post(f"{server.address}/v2/models/{name}:features/infer", json={"inputs": [tensor]}, timeout=60)
    assert answer.status_code == 200, answer.text
    given = answer.json()["outputs"][0]
    over_rest = call(server, name, "features", **{tensor["name"]: images})
    equal(numpy.reshape(given["data"], given["shape"]).astype("float32"), only(over_rest))


def test_metadata_lists_every_signature(server, name):
    upload(server, name, digits_archive(), {"name": "features", "outputs": ["conv2d"]})
    metadata = requests.get(server.url(f"{name}/metadata"), timeout=10).json()
    signatures = metadata["metadata"]["signature_def"]["signature_def"]
    assert set(signatures) == {"serve", "serving_default", "features"}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"target": "nobody"}, "$.endpoints[0].target"),
        ({"outputs": ["nobody"]}, "$.endpoints[0].outputs[0].layer"),
        ({"outputs": []}, "$.endpoints[0].outputs"),
        ({"outputs": [{"layer": "conv2d", "index": 1}]}, "$.endpoints[0].outputs[0].index"),
        ({"outputs": [{"layer": "conv2d", "call": 1}]}, "$.endpoints[0].outputs[0].call"),
        ({"outputs": [{"steps": ["no_such_operation"]}]}, "$.endpoints[0].outputs[0].steps[0]"),
        ({"outputs": [{"steps": [{"op": "top_k", "k": 99}]}]}, "$.endpoints[0].outputs[0].steps[0]"),
        ({"outputs": [{"steps": ["argmax"], "labels": ["one"]}]}, "$.endpoints[0].outputs[0].labels"),
        ({"outputs": [{"labels": ["one"]}]}, "$.endpoints[0].outputs[0].labels"),
        ({"outputs": [{"name": "x"}, {"name": "x"}]}, "$.endpoints[0].outputs[1]"),
        ({"inputs": ["nobody"]}, "$.endpoints[0].inputs[0]"),
        ({"inputs": [{"name": "image", "shape": [None, "many"]}]}, "$.endpoints[0].inputs[0].shape[1]"),
        ({"inputs": [{"name": "image", "dtype": "float33"}]}, "$.endpoints[0].inputs[0].dtype"),
        ({"colour": "blue"}, "$.endpoints[0].colour"),
        ({"target": 3}, "$.endpoints[0].target"),
    ],
)
def test_a_mistake_is_refused_with_its_place(server, name, document, place):
    upload(server, name, digits_archive())
    whole = {"endpoints": [{"name": "wrong", **document}]}
    answer = requests.put(server.url(f"{name}/endpoints"), json=whole, timeout=60)
    assert answer.status_code == 400, answer.text
    assert place in answer.json()["error"], answer.text
    assert list(endpoints(server, name)) == ["serve"], "what served goes on"
    assert server.predict(name, DIGITS).status_code == 200


def test_names_clash_in_keras_words(server, name):
    upload(server, name, digits_archive())
    twice = {"endpoints": [{"name": "a"}, {"name": "a"}]}
    answer = requests.put(server.url(f"{name}/endpoints"), json=twice, timeout=60)
    assert answer.status_code == 400
    assert "Endpoint name 'a' is already taken." in answer.json()["error"]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"endpoints": []}', '{"endpoints": {}}', '{"endpoints": [1]}', "{}"])
def test_a_document_that_is_none_is_refused(server, name, body):
    upload(server, name, digits_archive())
    answer = requests.put(server.url(f"{name}/endpoints"), data=body, headers={"Content-Type": "application/json"}, timeout=60)
    assert answer.status_code == 400, answer.text


def test_unknown_endpoints_are_not_found(server, name):
    upload(server, name, digits_archive())
    assert requests.get(server.url(f"{name}/endpoints/nobody"), timeout=10).status_code == 404
    assert requests.delete(server.url(f"{name}/endpoints/nobody"), timeout=10).status_code == 404
    assert requests.post(server.url(f"{name}/endpoints/nobody"), json={"inputs": []}, timeout=10).status_code == 404
