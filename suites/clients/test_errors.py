"""A wrong request gets TensorFlow Serving's status and text; a wrong archive gets a reason and leaves no trace."""

import gzip
import json
import re

import grpc
import numpy
import pytest
import requests

import archives
from conftest import digits_archive
from repository import EXAMPLES
from test_predict import wine_request

ROW = json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"][0]
TOO_LARGE_VERSION = 2**63


def refused(answer: requests.Response, status: int, *parts: str) -> None:
    """`parts` are the pieces that the message must hold, in any order."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    body = answer.json()
    assert list(body) == ["error"]
    for part in parts:
        assert part in body["error"]
    assert not re.search(r"\bat io\.|java\.|Exception", body["error"]), "the server's internals show"


@pytest.mark.parametrize(
    "path, status, message",
    [
        ("nobody:predict", 404, "Servable not found for request: Latest(nobody)"),
        ("wine/versions/7:predict", 404, "Servable not found for request: Specific(wine, 7)"),
        ("wine/labels/steady:predict", 400, "Unrecognized servable version label: steady"),
        ("wine/versions/1/labels/steady:predict", 400, "Malformed request: POST /v1/models/wine/versions/1/labels/steady:predict"),
        (f"wine/versions/{TOO_LARGE_VERSION}:predict", 400, "Failed to convert version"),
    ],
)
def test_no_such_model(server, path, status, message):
    refused(requests.post(server.url(path), json={"instances": [ROW]}, timeout=10), status, message)


@pytest.mark.parametrize(
    "path, status, message",
    [
        ("nobody", 404, "Could not find any versions of model nobody"),
        ("wine/versions/7", 404, "Could not find version 7 of model wine"),
        ("wine:predict", 400, "Malformed request: GET /v1/models/wine:predict"),
        ("wine/nothing", 400, "Malformed request: GET /v1/models/wine/nothing"),
        ("nobody/metadata", 404, "Servable not found for request: Latest(nobody)"),
    ],
)
def test_no_such_status(server, path, status, message):
    refused(requests.get(server.url(path), timeout=10), status, message)


def test_a_form_that_is_none(server):
    headers = {"Content-Type": "multipart/form-data; boundary=a"}
    answer = requests.post(server.url("wine"), data=b"--a\r\n[]--a--\r\n", headers=headers, timeout=10)
    refused(answer, 400, "the body is no multipart form")


@pytest.mark.parametrize("path", ["/V1/MODELS/wine/VERSIONS/1", "/v1/Models/wine/Versions/1"])
def test_paths_have_no_case(server, path):
    answer = requests.get(server.address + path, timeout=10)
    assert answer.json()["model_version_status"][0]["state"] == "AVAILABLE"
    answer = requests.post(f"{server.address}{path}:PREDICT", json={"instances": [ROW]}, timeout=10)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("method, path", [("GET", "/v1/nothing"), ("POST", "/v1/models"), ("PUT", "/v1/models/wine:predict")])
def test_requests_for_nothing(server, method, path):
    refused(requests.request(method, server.address + path, timeout=10), 400, f"Malformed request: {method} {path}")


@pytest.mark.parametrize(
    "body, parts",
    [
        ("", ["JSON Parse error: The document is empty"]),
        ("{\"instances\": [", ["JSON Parse error:", "at offset: 15"]),
        ("{\"instances\": [1,]}", ["JSON Parse error:", "at offset:"]),
        ("[1]", ["JSON"]),
        ("{}", ["instances", "inputs"]),
        (json.dumps({"instances": [ROW], "inputs": [ROW]}), ["instances", "inputs"]),
        ("{\"instances\": 1}", ["instances"]),
        ("{\"instances\": []}", ["instances"]),
        (json.dumps({"signature_name": 1, "instances": [ROW]}), ["'signature_name' key must be a string value."]),
        (
            json.dumps({"signature_name": "train", "instances": [ROW]}),
            ['Serving signature name: "train" not found in signature def'],
        ),
        (json.dumps({"instances": [{"analysis": ROW, "year": 1998}]}), ["year"]),
        (json.dumps({"instances": [{"colour": ROW}]}), ["does not have named input: colour"]),
        (json.dumps({"inputs": {"colour": [ROW]}}), ["Missing named input: analysis in 'inputs' object."]),
        (json.dumps({"instances": [ROW, ROW[1:]]}), ["shape"]),
        (json.dumps({"instances": [[ROW], ROW]}), ["shape"]),
        (json.dumps({"instances": [ROW[1:]]}), ["analysis", "12", "13"]),
        (json.dumps({"instances": [[[ROW]]]}), ["analysis", "13"]),
        (json.dumps({"instances": [["red"] * 13]}), ["not of expected type: float"]),
        (json.dumps({"instances": [[True] * 13]}), ["not of expected type: float"]),
        (json.dumps({"instances": [[None] * 13]}), ["not of expected type: float"]),
        ("{\"instances\": [" + "[" * 100_000, ["JSON"]),
    ],
)
def test_bad_body(server, body, parts):
    refused(requests.post(server.url("wine:predict"), data=body, timeout=30), 400, *parts)


@pytest.mark.parametrize("token", [1.0, 1.5, "one", 2**31])
def test_an_integer_input_takes_integers_alone(server, token):
    answer = server.predict("sentiment", {"instances": [[token, 2]]})
    refused(answer, 400, "is not of expected type: int32")


def test_what_tensorflow_serving_forgives(server):
    expected = server.predict("wine", {"instances": [ROW]}).json()
    body = json.dumps({"instances": [ROW]}).encode()
    trailing = requests.post(server.url("wine:predict"), data=body + b" and more", timeout=10)
    headers = {"Content-Encoding": "gzip"}
    zipped = requests.post(server.url("wine:predict"), data=gzip.compress(body), headers=headers, timeout=10)
    extra_column = server.predict("wine", {"inputs": {"analysis": [ROW], "year": [1998]}})
    assert trailing.json() == zipped.json() == expected
    assert extra_column.json()["outputs"] == expected["predictions"]


def test_not_a_number_comes_and_goes(server):
    body = json.dumps({"instances": [[float("nan"), *ROW[1:]]]})
    answer = requests.post(server.url("wine:predict"), data=body, timeout=10)
    assert answer.status_code == 200
    assert numpy.isnan(answer.json()["predictions"]).all()


def test_a_huge_body_is_refused_and_the_server_lives(server):
    def endless():
        yield b'{"instances": ['
        for _ in range(1024):
            yield b" " * 1_000_000

    try:
        answer = requests.post(server.url("wine:predict"), data=endless(), timeout=120)
        assert answer.status_code in (413, 429), answer.text
    except requests.ConnectionError:
        pass  # refused while the client was still sending
    assert server.predict("wine", {"instances": [ROW]}).status_code == 200


@pytest.mark.parametrize(
    "request_, code, parts",
    [
        (
            wine_request(colour=numpy.zeros((1, 13), "float32")),
            grpc.StatusCode.INVALID_ARGUMENT,
            ["input size does not match signature", "Sent extra: {colour}", "Missing but required: {analysis}"],
        ),
        (wine_request("train"), grpc.StatusCode.FAILED_PRECONDITION, ['Serving signature key "train" not found.']),
        (wine_request(analysis=numpy.zeros((1, 12), "float32")), grpc.StatusCode.INVALID_ARGUMENT, ["analysis", "12", "13"]),
        (wine_request(analysis=numpy.zeros((1, 13), "int32")), grpc.StatusCode.INVALID_ARGUMENT, ["analysis", "int32", "float"]),
        (wine_request(analysis=numpy.zeros((13,), "float32")), grpc.StatusCode.INVALID_ARGUMENT, ["analysis", "13"]),
    ],
)
def test_bad_grpc_request(prediction_service, request_, code, parts):
    with pytest.raises(grpc.RpcError) as refusal:
        prediction_service.Predict(request_, timeout=10)
    assert refusal.value.code() == code, refusal.value.details()
    for part in parts:
        assert part in refusal.value.details()


def test_grpc_names_the_model_that_is_not_there(prediction_service):
    request = wine_request()
    request.model_spec.name = "nobody"
    with pytest.raises(grpc.RpcError) as refusal:
        prediction_service.Predict(request, timeout=10)
    assert refusal.value.code() == grpc.StatusCode.NOT_FOUND
    assert refusal.value.details() == "Servable not found for request: Latest(nobody)"


def test_grpc_names_the_output_that_is_not_there(prediction_service):
    request = wine_request()
    request.output_filter.append("colour")
    with pytest.raises(grpc.RpcError) as refusal:
        prediction_service.Predict(request, timeout=10)
    assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "output tensor alias not found in signature: colour" in refusal.value.details()


def test_a_tensor_whose_bytes_do_not_fill_its_shape(prediction_service):
    request = wine_request()
    request.inputs["analysis"].tensor_content = b"\0" * 7
    with pytest.raises(grpc.RpcError) as refusal:
        prediction_service.Predict(request, timeout=10)
    assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "analysis" in refusal.value.details()


BAD_ARCHIVES = {
    "empty": (b"", [""]),
    "text": (b"not an archive at all", [""]),
    "truncated": (digits_archive()[:-1000], [""]),
    "foreign": (archives.foreign_zip(), ["config.json"]),
    "no config": (archives.edit(digits_archive(), config=None), ["config.json"]),
    "no weights": (archives.edit(digits_archive(), model=None), ["model.weights.h5"]),
    "config is not JSON": (archives.edit(digits_archive(), config=b"{"), ["config.json"]),
    "weights are not HDF5": (archives.edit(digits_archive(), model=b"12345678"), ["model.weights.h5"]),
    "weights do not fit": (archives.with_wider_dense(digits_archive()), ["digit", "11", "10"]),
}


@pytest.mark.parametrize("kind", BAD_ARCHIVES)
def test_a_bad_archive_leaves_no_trace(server, models, uploaded, kind):
    archive, parts = BAD_ARCHIVES[kind]
    for name in (uploaded, f"{uploaded}-new"):
        answer = server.upload(name, archive)
        assert answer.status_code in (400, 422), answer.text
        for part in parts:
            assert part in answer.text
    assert requests.get(server.url(f"{uploaded}-new"), timeout=10).status_code == 404
    assert not (models / f"{uploaded}-new").exists()
    assert [path.name for path in (models / uploaded).iterdir()] == ["1"]
    status = requests.get(server.url(uploaded), timeout=10).json()["model_version_status"]
    assert [(version["version"], version["state"]) for version in status] == [("1", "AVAILABLE")]
    request = json.loads((EXAMPLES / "requests/digits.json").read_text())
    assert server.predict(uploaded, request).status_code == 200
