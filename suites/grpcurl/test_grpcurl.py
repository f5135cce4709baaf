"""Reflection tells all services, and every call that grpcurl can make with what it learns there answers."""

import json
import subprocess

import pytest

from repository import EXAMPLES
from server import serving

ROWS = json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"]
EXPECTED = json.loads((EXAMPLES / "requests/wine.expected.json").read_text())["predictions"]
SHAPE = {"dim": [{"size": len(ROWS)}, {"size": 13}]}
FLAT = [value for row in ROWS for value in row]
SERVICES = {
    "alphorn.v1.Variables": {"ListCollections", "GetCollection"},
    "grpc.health.v1.Health": {"Check", "Watch"},
    "inference.GRPCInferenceService": {"ModelInfer", "ModelStreamInfer", "ServerLive", "RepositoryIndex"},
    "tensorflow.serving.ModelService": {"GetModelStatus", "HandleReloadConfigRequest"},
    "tensorflow.serving.PredictionService": {"Classify", "Regress", "Predict", "MultiInference", "GetModelMetadata"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(EXAMPLES / "models", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


def grpcurl(server, *arguments: str, data: dict | None = None, options: list[str] = ()) -> subprocess.CompletedProcess:
    command = ["grpcurl", "-plaintext", *options]
    command += [] if data is None else ["-d", json.dumps(data)]
    return subprocess.run([*command, server.grpc_address, *arguments], capture_output=True, text=True, timeout=60)


def call(server, method: str, data: dict) -> dict:
    done = grpcurl(server, method, data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def is_right(values: list[float]) -> None:
    assert values == pytest.approx([value for row in EXPECTED for value in row], rel=1e-4, abs=1e-5)


def test_reflection_lists_the_services(server):
    assert set(SERVICES) <= set(grpcurl(server, "list").stdout.split())


@pytest.mark.parametrize("service", SERVICES)
def test_reflection_describes_each_service(server, service):
    methods = grpcurl(server, "list", service).stdout.split()
    assert {f"{service}.{method}" for method in SERVICES[service]} <= set(methods)
    for method in methods:
        done = grpcurl(server, "describe", method)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "service",
    ["", "PredictionService", "ModelService", *(service for service in SERVICES if "Health" not in service)],
)
def test_health(server, service):
    assert call(server, "grpc.health.v1.Health/Check", {"service": service}) == {"status": "SERVING"}


def test_health_of_an_unknown_service(server):
    done = grpcurl(server, "grpc.health.v1.Health/Check", data={"service": "nobody"})
    assert "Code: NotFound" in done.stderr


def test_health_is_watched(server):
    done = grpcurl(server, "grpc.health.v1.Health/Watch", data={}, options=["-max-time", "1"])
    assert json.loads(done.stdout) == {"status": "SERVING"}
    assert "Code: DeadlineExceeded" in done.stderr


def test_predict(server):
    given = {"dtype": "DT_FLOAT", "tensor_shape": SHAPE, "float_val": FLAT}
    answer = call(
        server,
        "tensorflow.serving.PredictionService/Predict",
        {"model_spec": {"name": "wine"}, "inputs": {"analysis": given}},
    )
    assert answer["model_spec"] == {"name": "wine", "version": "1", "signature_name": "serving_default"}
    is_right(answer["outputs"]["output_0"]["float_val"])


def test_classify(server):
    examples = [{"features": {"feature": {"analysis": {"float_list": {"value": row}}}}} for row in ROWS]
    answer = call(
        server,
        "tensorflow.serving.PredictionService/Classify",
        {"model_spec": {"name": "wine"}, "input": {"example_list": {"examples": examples}}},
    )
    classes = [one for example in answer["result"]["classifications"] for one in example["classes"]]
    is_right([one.get("score", 0) for one in classes])


def test_metadata(server):
    answer = call(
        server,
        "tensorflow.serving.PredictionService/GetModelMetadata",
        {"model_spec": {"name": "wine"}, "metadata_field": ["signature_def"]},
    )
    assert set(answer["metadata"]["signature_def"]["signature_def"]) == {"serve", "serving_default"}


def test_status(server):
    answer = call(server, "tensorflow.serving.ModelService/GetModelStatus", {"model_spec": {"name": "wine"}})
    assert answer["model_version_status"] == [{"version": "1", "state": "AVAILABLE", "status": {}}]


def test_inference(server):
    given = {"name": "analysis", "datatype": "FP32", "shape": [len(ROWS), 13], "contents": {"fp32_contents": FLAT}}
    answer = call(server, "inference.GRPCInferenceService/ModelInfer", {"model_name": "wine", "inputs": [given]})
    assert answer["outputs"][0]["shape"] == [str(len(ROWS)), "3"]


def test_errors_have_their_code(server):
    done = grpcurl(
        server, "tensorflow.serving.ModelService/GetModelStatus", data={"model_spec": {"name": "nobody"}}
    )
    assert "Code: NotFound" in done.stderr
    assert "Could not find any versions of model nobody" in done.stderr
