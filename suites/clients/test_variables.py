"""Variables come back as Keras has them: its order, its values, in every form, over REST, gRPC and the command line."""

import hashlib
import io
import json
import subprocess
import sys
import time

import keras
import numpy
import onnx
import onnxruntime
import pytest
import requests
import safetensors.numpy

import archives
import corpus
from conftest import digits_archive
from repository import LAUNCHER, ROOT

MODELS = corpus.names("model_k3.0.5") + corpus.names("model_k3.12.0") + ["digits", "sentiment", "wine"]
NPZ = {"Accept": "application/x-npz"}
SAFETENSORS = {"Accept": "application/octet-stream"}


@pytest.fixture(scope="session")
def loaded(models):
    """A model as real Keras loads it, by name."""
    kept = {}

    def load(name: str) -> keras.Model:
        if name not in kept:
            kept[name] = keras.saving.load_model(models / name / "1/model.keras", compile=False)
        return kept[name]

    return load


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """The messages and stubs of variables.proto, as any Python client generates them."""
    folder = tmp_path_factory.mktemp("stubs")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"--python_out={folder}"]
    command += [f"--grpc_python_out={folder}", "alphorn/v1/variables.proto"]
    subprocess.run(command, check=True, timeout=60)
    sys.path.insert(0, str(folder))
    from alphorn.v1 import variables_pb2, variables_pb2_grpc

    return variables_pb2, variables_pb2_grpc


def get(server, path: str, headers: dict | None = None, **query) -> requests.Response:
    answer = requests.get(server.url(path), params=query, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer


def test_every_model_has_keras_weights_in_keras_order(server, loaded):
    compared = 0
    for name in MODELS:
        model = loaded(name)
        for collection, expected in [
            ("all", model.weights),
            ("trainable", model.trainable_weights),
            ("non_trainable", model.non_trainable_weights),
        ]:
            got = numpy.load(io.BytesIO(get(server, f"{name}/variables/{collection}", NPZ).content))
            assert len(got.files) == len(expected), (name, collection)
            for path, variable in zip(got.files, expected, strict=True):
                assert path.endswith(variable.path), (name, collection)
                numpy.testing.assert_array_equal(got[path], numpy.asarray(variable), err_msg=f"{name}: {path}")
            compared += len(expected)
    assert compared > 100


def test_each_layer_is_a_collection(server, loaded):
    for layer in loaded("digits").layers:
        if layer.weights:
            got = get(server, f"digits/variables/{layer.name}").json()["variables"]
            assert [variable["path"] for variable in got] == [variable.path for variable in layer.weights]


def test_collections_are_listed_with_their_sizes(server, loaded):
    body = get(server, "digits/versions/1/variables").json()
    assert (body["model"], body["version"]) == ("digits", "1")
    sizes = {entry["name"]: entry for entry in body["collections"]}
    weights = loaded("digits").weights
    assert list(sizes)[:3] == ["all", "trainable", "non_trainable"]
    assert sizes["all"]["variables"] == len(weights)
    assert sizes["all"]["elements"] == sum(variable.numpy().size for variable in weights)
    assert sizes["all"]["bytes"] == sum(variable.numpy().nbytes for variable in weights)


def test_a_description_tells_shape_type_and_digest(server, loaded):
    for entry, variable in zip(get(server, "digits/variables/all").json()["variables"], loaded("digits").weights, strict=True):
        value = variable.numpy()
        assert entry == {
            "path": variable.path,
            "dtype": variable.dtype,
            "shape": list(value.shape),
            "elements": value.size,
            "bytes": value.nbytes,
            "trainable": variable.trainable,
            "sha256": hashlib.sha256(value.tobytes()).hexdigest(),
        }


def test_values_in_json_are_exact(server, loaded):
    for entry, variable in zip(
        get(server, "wine/variables/all", values="true").json()["variables"], loaded("wine").weights, strict=True
    ):
        numpy.testing.assert_array_equal(numpy.array(entry["values"], variable.dtype), variable.numpy())


def test_safetensors_are_read_by_their_own_package(server, loaded):
    answer = get(server, "digits/variables/all", SAFETENSORS)
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    got = safetensors.numpy.load(answer.content)
    assert set(got) == {variable.path for variable in loaded("digits").weights}
    for variable in loaded("digits").weights:
        numpy.testing.assert_array_equal(got[variable.path], variable.numpy())


@pytest.mark.parametrize("case", ["dt_bfloat16_mlp", "dt_float16_mlp", "q_Dense_int4", "q_MLP_int8", "q_Dense_float8"])
def test_other_types(server, models, case):
    archive = corpus.load(case).archive
    assert server.upload(case, archive).status_code == 201
    try:
        model = keras.saving.load_model(models / case / "1/model.keras", compile=False)
        content = get(server, f"{case}/variables/all", SAFETENSORS).content
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        names = {"bfloat16": "BF16", "float16": "F16", "float32": "F32", "int8": "I8", "uint8": "U8"}
        entries = [(name, entry) for name, entry in header.items() if name != "__metadata__"]
        assert [name for name, _ in entries] == [variable.path for variable in model.weights]
        start = 8 + int.from_bytes(content[:8], "little")
        for (_, entry), variable in zip(entries, model.weights, strict=True):
            begin, end = entry["data_offsets"]
            assert entry["dtype"] == names[variable.dtype]
            assert content[start + begin : start + end] == numpy.asarray(variable).tobytes()
        assert start + entries[-1][1]["data_offsets"][1] == len(content)
    finally:
        server.delete(case)


@pytest.mark.parametrize("index", ["0:2", ":, 1", "-1", "::-2, :3", "..., -1", "None, 0", "5:100"])
def test_slices_are_numpys(server, loaded, index):
    variable = next(variable for variable in loaded("wine").weights if len(variable.shape) == 2)
    got = get(server, f"wine/variables/all/{variable.path}", slice=index).json()
    expected = eval(f"value[{index}]", {"value": variable.numpy()})
    assert got["shape"] == list(expected.shape)
    numpy.testing.assert_array_equal(numpy.array(got["values"], variable.dtype).reshape(expected.shape), expected)


def test_one_variable_in_each_form(server, loaded):
    variable = loaded("digits").weights[0]
    path = f"digits/variables/all/{variable.path}"
    got = numpy.load(io.BytesIO(get(server, path, NPZ).content))
    numpy.testing.assert_array_equal(got[variable.path], variable.numpy())
    got = safetensors.numpy.load(get(server, path, SAFETENSORS, slice="0").content)
    numpy.testing.assert_array_equal(got[variable.path], variable.numpy()[0])


def test_statistics_are_numpys(server, loaded):
    for entry, variable in zip(
        get(server, "digits/variables/all", statistics="true").json()["variables"], loaded("digits").weights, strict=True
    ):
        value, found = variable.numpy().astype("float64"), entry["statistics"]
        assert (found["min"], found["max"]) == (value.min(), value.max())
        numpy.testing.assert_allclose([found["mean"], found["standard_deviation"]], [value.mean(), value.std()], rtol=1e-12, atol=1e-15)
        assert (found["nans"], found["positive_infinities"], found["negative_infinities"]) == (0, 0, 0)


def test_two_versions_are_compared(server, uploaded, tmp_path):
    archive = tmp_path / "model.keras"
    archive.write_bytes(digits_archive())
    model = keras.saving.load_model(archive, compile=False)
    changed = model.weights[1]
    difference = numpy.linspace(0, 1, changed.numpy().size, dtype="float32").reshape(changed.shape)
    before = changed.numpy()
    changed.assign(before + difference)
    moved = numpy.abs(changed.numpy().astype("float64") - before)
    model.save(archive)
    assert server.upload(uploaded, archive.read_bytes()).status_code == 201
    body = get(server, f"{uploaded}/variables/all", compare=1).json()
    assert (body["version"], body["compared_with"]) == ("2", "1")
    assert body["unchanged"] == len(model.weights) - 1
    assert (body["added"], body["removed"], body["reshaped"]) == ([], [], [])
    (change,) = body["changed"]
    assert change["path"] == changed.path
    numpy.testing.assert_allclose(change["max_absolute_difference"], moved.max(), rtol=1e-12)
    numpy.testing.assert_allclose(change["mean_absolute_difference"], moved.mean(), rtol=1e-12)


def test_frozen_layers_are_not_trainable(server, tmp_path):
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.BatchNormalization()], name="inner")
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(2, name="head")(inner(inputs)))
    inner.trainable = False
    model.save(tmp_path / "model.keras")
    assert server.upload("frozen", (tmp_path / "model.keras").read_bytes()).status_code == 201
    try:
        got = get(server, "frozen/variables/trainable").json()["variables"]
        assert [variable["path"] for variable in got] == ["head/kernel", "head/bias"]
    finally:
        server.delete("frozen")


@pytest.mark.parametrize(
    "path, status, message",
    [
        ("nobody/variables", 404, "Servable not found for request: Latest(nobody)"),
        ("digits/versions/7/variables/all", 404, "Servable not found for request: Specific(digits, 7)"),
        ("digits/versions/x/variables", 400, "Failed to convert version: x to numeric."),
        ("digits/variables/nothing", 404, "there is no collection of variables 'nothing'; there are 'all'"),
        ("digits/variables/all/conv2d/weight", 404, "collection 'all' has no variable 'conv2d/weight'"),
        ("digits/variables/all/conv2d/kernel?slice=9", 400, "index 9 is out of bounds for axis 0 of size"),
        ("digits/variables/all/conv2d/kernel?slice=a", 400, "'a' is none of an integer, start:stop:step"),
        ("digits/variables/all?compare=7", 404, "Could not find version 7 of model digits"),
        ("nobody/config", 404, "Servable not found for request: Latest(nobody)"),
    ],
)
def test_mistakes_are_told(server, path, status, message):
    answer = requests.get(server.url(path), timeout=10)
    assert answer.status_code == status, answer.text
    assert message in answer.json()["error"]


def test_the_config_is_the_archives(server):
    assert get(server, "digits/config").json() == archives.config_of(digits_archive())


def test_grpc_streams_a_collection(server, channel, stubs, loaded):
    messages, services = stubs
    service = services.VariablesStub(channel)
    listed = service.ListCollections(messages.ListCollectionsRequest(model="digits"), timeout=30)
    assert (listed.model, listed.version) == ("digits", 1)
    assert [entry.name for entry in listed.collections][:3] == ["all", "trainable", "non_trainable"]
    received = []
    for part in service.GetCollection(messages.GetCollectionRequest(model="digits", collection="all"), timeout=60):
        if part.WhichOneof("part") == "header":
            received.append((part.header, bytearray()))
        else:
            assert len(part.chunk) <= 1 << 20
            received[-1][1].extend(part.chunk)
    for (header, elements), variable in zip(received, loaded("digits").weights, strict=True):
        assert (header.path, header.dtype, header.trainable) == (variable.path, variable.dtype, variable.trainable)
        assert header.bytes == len(elements)
        value = numpy.frombuffer(bytes(elements), header.dtype).reshape(list(header.shape))
        numpy.testing.assert_array_equal(value, variable.numpy())


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_the_command_line_writes_files(models, loaded, tmp_path, suffix):
    file = tmp_path / f"variables{suffix}"
    model = models / "digits/1/model.keras"
    subprocess.run([LAUNCHER, "variables", model, "trainable", "-o", file], cwd=ROOT, check=True, timeout=300)
    got = dict(numpy.load(file)) if suffix == ".npz" else safetensors.numpy.load_file(file)
    assert set(got) == {variable.path for variable in loaded("digits").trainable_weights}
    for variable in loaded("digits").trainable_weights:
        numpy.testing.assert_array_equal(got[variable.path], variable.numpy())


def test_users_add_collections(server, models):
    """The guide's example: MultiHeadAttention with its 8 variables in a collection of their own."""
    query, value = keras.Input((3, 4), name="query"), keras.Input((3, 4), name="value")
    model = keras.Model([query, value], keras.layers.MultiHeadAttention(2, 2, name="attention")(query, value))
    folder = models / "attention" / "1"
    folder.mkdir(parents=True)
    document = {
        "variable_collections": [
            {"name": "my_vars", "layers": ["attention"]},
            {"name": "backwards", "variables": [variable.path for variable in reversed(model.weights)]},
            {"name": "kernels", "pattern": "attention/*/kernel"},
        ]
    }
    (folder / "endpoints.json").write_text(json.dumps(document))
    model.save(folder / "model.keras")
    wait_for(server, "attention")
    try:
        values = [variable.numpy() for variable in model.weights]
        for name, expected in [("my_vars", values), ("backwards", values[::-1]), ("kernels", values[::2])]:
            got = numpy.load(io.BytesIO(get(server, f"attention/variables/{name}", NPZ).content))
            assert len(got.files) == len(expected)
            for path, value in zip(got.files, expected, strict=True):
                numpy.testing.assert_array_equal(got[path], value)
    finally:
        server.delete("attention")


def wait_for(server, model: str) -> None:
    deadline = time.monotonic() + 30
    while requests.get(server.url(f"{model}/variables"), timeout=10).status_code != 200:
        assert time.monotonic() < deadline, requests.get(server.url(model), timeout=10).text
        time.sleep(0.2)


def test_the_summary_is_keras_table(server, loaded, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")  # a terminal wide enough for the whole table
    for name in ["digits", "wine", "model_k3.12.0_autoencoder", "model_k3.12.0_transformer_classifier"]:
        printed = []
        model = loaded(name)
        model.summary(line_length=width_of(model), print_fn=printed.append)
        text = get(server, f"{name}/summary", {"Accept": "text/plain"}).text
        assert lines(text) == lines(printed[0]), name


def width_of(model: keras.Model) -> int:
    """Keras's width for a wide terminal: 88 for a chain of layers, 108 where connections are shown."""
    printed = []
    model.summary(line_length=88, print_fn=printed.append)
    return 108 if "Connected to" in printed[0] else 88


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_summary_counts_parameters(server, loaded):
    body = get(server, "digits/summary").json()
    model = loaded("digits")
    assert body["total"]["parameters"] == model.count_params()
    layers = {layer["name"]: layer for layer in body["layers"]}
    for layer in model.layers:
        assert layers[layer.name]["class_name"] == type(layer).__name__
        assert layers[layer.name]["parameters"] == layer.count_params()
        assert layers[layer.name]["output_shapes"] == [list(layer.output.shape)]


def test_the_graph_is_onnx(server, loaded):
    content = get(server, "wine/graph").content
    graph = onnx.load_from_string(content)
    onnx.checker.check_model(graph, full_check=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    rows = numpy.random.default_rng(5).normal(size=(4, 13)).astype("float32")
    (got,) = session.run(None, {session.get_inputs()[0].name: rows})
    numpy.testing.assert_allclose(got, loaded("wine").predict(rows, verbose=0), atol=1e-5, rtol=1e-4)
