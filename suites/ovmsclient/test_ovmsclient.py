"""Every call that OpenVINO's client has, over HTTP and gRPC, answers as Keras did."""

import shutil

import numpy
import ovmsclient
import pytest

import corpus
from bounds import difference
from repository import EXAMPLES
from server import serving

# Whole models, and a layer or an operation over each type that the client can send.
CASES = [
    name
    for prefix in ("model_", "dt_float64", "sw_StringLookup", "op_multiply_uint8", "op_add_i64_i32", "op_all_axis1")
    for name in corpus.names(prefix)
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(EXAMPLES / "models", folder, dirs_exist_ok=True)
    for name in CASES:
        archive = folder / name / "1" / "model.keras"
        archive.parent.mkdir(parents=True)
        archive.write_bytes(corpus.load(name).archive)
    with serving(folder, tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture(params=["http", "grpc"])
def client(server, request):
    if request.param == "http":
        return ovmsclient.make_http_client(server.address.removeprefix("http://"))
    return ovmsclient.make_grpc_client(server.grpc_address)


def answers_as_keras(case: corpus.Case, answer) -> None:
    outputs = answer if isinstance(answer, dict) else dict.fromkeys(case.outputs, answer)
    assert sorted(outputs) == sorted(case.outputs)
    for name, keras in case.outputs.items():
        given = numpy.asarray(outputs[name])
        if given.dtype.kind == "S":
            given = numpy.char.decode(given, "utf-8")
        if keras.dtype.kind not in "USO":
            given = given.astype(keras.dtype)
        wrong = difference(given, keras, case.output_dtypes[name], case.tolerance)
        assert wrong is None, f"{name}: {wrong}"


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("name", CASES)
def test_predict(client, name, version):
    case = corpus.load(name)
    answers_as_keras(case, client.predict(case.inputs, name, version, timeout=60))


def test_status(client):
    expected = {1: {"state": "AVAILABLE", "error_code": 0, "error_message": ""}}
    assert client.get_model_status("wine") == client.get_model_status("wine", 1) == expected


def test_metadata_over_grpc(server):
    client = ovmsclient.make_grpc_client(server.grpc_address)
    assert client.get_model_metadata("wine") == {
        "model_version": 1,
        "inputs": {"analysis": {"shape": [-1, 13], "dtype": "DT_FLOAT"}},
        "outputs": {"output_0": {"shape": [-1, 3], "dtype": "DT_FLOAT"}},
    }


def test_metadata_over_http(server):
    """The client looks for OpenVINO's names of fields, and hands on what has TensorFlow Serving's."""
    client = ovmsclient.make_http_client(server.address.removeprefix("http://"))
    answer = client.get_model_metadata("wine")
    assert answer["model_spec"] == {"name": "wine", "signature_name": "", "version": "1"}


@pytest.mark.parametrize("version", [0, 7])
def test_what_is_not_there(client, version):
    name = "nobody" if version == 0 else "wine"
    for call in (client.get_model_status, client.get_model_metadata):
        with pytest.raises(ovmsclient.ModelNotFoundError):
            call(name, version)
    with pytest.raises(ovmsclient.ModelNotFoundError):
        client.predict({"analysis": numpy.zeros((1, 13), "float32")}, name, version)


def test_wrong_input(client):
    with pytest.raises(ovmsclient.InvalidInputError):
        client.predict({"colour": numpy.zeros((1, 13), "float32")}, "wine")
