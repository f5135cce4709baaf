"""The bodies themselves, as a client without a library writes and reads them."""

import gzip
import json
import struct

import numpy
import pytest
import requests

import corpus
from repository import EXAMPLES

ROWS = json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"]
FLAT = [value for row in ROWS for value in row]
HEADER = "Inference-Header-Content-Length"


def infer(server, body, model="wine", **headers):
    data = json.dumps(body) if isinstance(body, dict) else body
    return requests.post(f"{server.address}/v2/models/{model}/infer", data=data, headers=headers, timeout=30)


def request(**changes):
    given = {"name": "analysis", "shape": [3, 13], "datatype": "FP32", "data": ROWS} | changes
    return {"inputs": [{key: value for key, value in given.items() if value is not None}]}


def scores(answer) -> numpy.ndarray:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    (output,) = answer.json()["outputs"]
    assert (output["name"], output["datatype"]) == ("output_0", "FP32")
    return numpy.array(output["data"], "float32").reshape(output["shape"])


@pytest.fixture(scope="module")
def expected(server):
    return scores(infer(server, request()))


def test_answer_has_only_what_the_protocol_names(server):
    answer = infer(server, request()).json()
    assert set(answer) == {"model_name", "model_version", "outputs"}
    assert set(answer["outputs"][0]) == {"name", "datatype", "shape", "data"}


def test_flat_data(server, expected):
    assert numpy.array_equal(scores(infer(server, request(data=FLAT))), expected)


def test_data_may_stand_before_its_description(server, expected):
    (given,) = request()["inputs"]
    turned = {"data": given["data"], "parameters": {}, "datatype": "FP32", "shape": given["shape"], "name": "analysis"}
    body = {"outputs": [{"name": "output_0"}], "unknown": {"a": [1]}, "inputs": [turned], "id": "7"}
    answer = infer(server, body)
    assert numpy.array_equal(scores(answer), expected)
    assert answer.json()["id"] == "7"


def test_integers_are_floats_too(server):
    whole = [[round(value) for value in row] for row in ROWS]
    fractions = [[float(value) for value in row] for row in whole]
    assert numpy.array_equal(scores(infer(server, request(data=whole))), scores(infer(server, request(data=fractions))))


def test_numbers_of_sequences_may_be_unsigned(server, expected):
    body = request() | {"parameters": {"sequence_id": 2**64 - 1, "sequence_start": True}}
    assert numpy.array_equal(scores(infer(server, body)), expected)


def test_not_a_number(server):
    answer = infer(server, request(data=[[float("nan")] * 13] * 3))
    assert numpy.isnan(scores(answer)).all()


def test_gzip_both_ways(server, expected):
    body = gzip.compress(json.dumps(request()).encode())
    answer = infer(server, body, **{"Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert numpy.array_equal(scores(answer), expected)


def binary(body: dict, *tensors: bytes) -> tuple[bytes, dict]:
    text = json.dumps(body).encode()
    return b"".join([text, *tensors]), {HEADER: str(len(text))}


def raw_scores(answer) -> numpy.ndarray:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/octet-stream"
    length = int(answer.headers[HEADER])
    (output,) = json.loads(answer.content[:length])["outputs"]
    assert set(output) == {"name", "datatype", "shape", "parameters"}
    tensor = answer.content[length:]
    assert output["parameters"] == {"binary_data_size": len(tensor)}
    return numpy.frombuffer(tensor, "<f4").reshape(output["shape"])


@pytest.mark.parametrize(
    "body",
    [
        {"parameters": {"binary_data_output": True}},
        {"outputs": [{"name": "output_0", "parameters": {"binary_data": True}}]},
        {"outputs": [{"name": "output_0"}], "parameters": {"binary_data_output": True}},
    ],
)
def test_binary_answer(server, expected, body):
    assert numpy.array_equal(raw_scores(infer(server, request() | body)), expected)


def test_output_overrides_the_default_of_its_request(server, expected):
    outputs = [{"name": "output_0", "parameters": {"binary_data": False}}]
    body = request() | {"outputs": outputs, "parameters": {"binary_data_output": True}}
    assert numpy.array_equal(scores(infer(server, body)), expected)


def test_binary_request(server, expected):
    tensor = struct.pack(f"<{len(FLAT)}f", *FLAT)
    body, headers = binary(request(data=None, parameters={"binary_data_size": len(tensor)}), tensor)
    assert numpy.array_equal(scores(infer(server, body, **headers)), expected)


def test_raw_request_is_one_row(server, expected):
    answer = infer(server, struct.pack("<13f", *ROWS[0]), **{HEADER: "0"})
    wrong = numpy.abs(raw_scores(answer) - expected[:1]).max()
    assert wrong < 1e-6


@pytest.mark.parametrize(
    "body, message",
    [
        (b"", "must be a JSON object"),
        (b"[]", "must be a JSON object"),
        (b"{", "JSON Parse error"),
        (b"{} {}", "goes on behind"),
        ({}, "no 'inputs'"),
        ({"inputs": {}}, "'inputs' must be a list"),
        ({"inputs": [1]}, "an input must be a JSON object"),
        ({"id": 7} | request(), "'id' must be a string"),
        (request(name=None), "an input has no 'name'"),
        (request(name=7), "'name' must be a string"),
        (request(datatype=None), "input 'analysis' has no 'datatype'"),
        (request(datatype="FLOAT"), "datatype 'FLOAT' is none of"),
        (request(datatype="INT32"), "is not of expected type: int32"),
        (request(datatype="FP16"), "sending FP16 data via JSON is not supported"),
        (request(datatype="BF16"), "sending BF16 data via JSON is not supported"),
        (request(datatype="FP64"), "received float64[3, 13]"),
        (request(shape=None), "input 'analysis' has no 'shape'"),
        (request(shape=13), "'shape' must be a list"),
        (request(shape=[3, "13"]), "list of at most 64 integers"),
        (request(shape=[3, -13]), "negative size"),
        (request(shape=[3, 12]), "expected a list of 12 at level 1"),
        (request(shape=[2, 13]), "needs 26 elements, received more"),
        (request(shape=[4, 13], data=FLAT), "needs 52 elements, received only 39"),
        (request(shape=[300000, 300000]), "limit"),
        (request(data=None), "input 'analysis' has no 'data'"),
        (request(data=7), "'data' must be a list"),
        (request(data=[FLAT[:13], *FLAT[13:]]), "one flat list, or lists nested"),
        (request(data=[["a"] * 13] * 3), "is not of expected type"),
        (request(data=[[None] * 13] * 3), "is not of expected type"),
        (request(parameters=7), "'parameters' must be a JSON object"),
        (request(parameters={"a": []}), "must be a string, a number or a boolean"),
        (request(parameters={"binary_data_size": 4}), "both 'data' and 'binary_data_size'"),
        (request(data=None, parameters={"binary_data_size": 4}), "only 0 are left"),
        (request() | {"outputs": [{}]}, "an output has no 'name'"),
        (request() | {"outputs": [{"name": "other"}]}, "unexpected inference output 'other'"),
        (request() | {"parameters": {"binary_data_output": 1}}, "must be a boolean"),
    ],
)
def test_wrong_bodies(server, body, message):
    answer = infer(server, body)
    assert 400 <= answer.status_code < 500, answer.text
    assert list(answer.json()) == ["error"]
    assert message in answer.json()["error"]


@pytest.mark.parametrize("length", ["-1", "x", "100000"])
def test_wrong_header(server, length):
    answer = infer(server, request(), **{HEADER: length})
    assert answer.status_code == 400
    assert HEADER in answer.json()["error"]


def test_wrong_binary_sizes(server):
    body, headers = binary(request(data=None, parameters={"binary_data_size": 8}), bytes(8))
    assert "needs 156 bytes, received 8" in infer(server, body, **headers).json()["error"]
    body, headers = binary(request(), bytes(8))
    assert "8 bytes follow" in infer(server, body, **headers).json()["error"]
    assert "needs 52 bytes" in infer(server, bytes(8), **{HEADER: "0"}).json()["error"]


@pytest.mark.parametrize("strings, message", [(b"", "end before"), (b"\x05\0\0\0abc", "end before")])
def test_wrong_strings(server, strings, message):
    name = next(name for name in corpus.names("model_") if "textvectorization" in name)
    metadata = requests.get(f"{server.address}/v2/models/{name}", timeout=10).json()
    (given,) = metadata["inputs"]
    tensor = {"name": given["name"], "shape": [1, 1], "datatype": "BYTES", "parameters": {"binary_data_size": len(strings)}}
    body, headers = binary({"inputs": [tensor]}, strings)
    assert message in infer(server, body, model=name, **headers).json()["error"]


@pytest.mark.parametrize(
    "path, status",
    [("models/nobody/infer", 404), ("models/wine/versions/7/infer", 404), ("models/wine/versions/x/infer", 400)],
)
def test_no_such_model(server, path, status):
    answer = requests.post(f"{server.address}/v2/{path}", json=request(), timeout=10)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("path", ["v2/models/wine/infer", "v2/nothing"])
def test_what_cannot_be_got(server, path):
    answer = requests.get(f"{server.address}/{path}", timeout=10)
    assert answer.status_code in (404, 405)
    assert list(answer.json()) == ["error"]
