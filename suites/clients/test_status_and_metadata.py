"""What a client can ask of a model besides predictions, in TensorFlow Serving's exact shapes."""

import pytest
import requests
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

SIZES = {"image": ["-1", "8", "8", "1"], "output_0": ["-1", "10"]}
AVAILABLE = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}


def test_rest_status(server):
    answer = requests.get(server.url("digits/versions/1"), timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"model_version_status": [AVAILABLE]})


def test_rest_status_with_the_readiness_of_kserve(server):
    answer = requests.get(server.url("digits"), timeout=10)
    assert answer.status_code == 200
    assert answer.json() == {"model_version_status": [AVAILABLE], "name": "digits", "ready": True}


def test_grpc_status(model_service):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "digits"
    (version,) = model_service.GetModelStatus(request, timeout=10).model_version_status
    assert (version.version, version.state) == (1, get_model_status_pb2.ModelVersionStatus.AVAILABLE)
    assert (version.status.error_code, version.status.error_message) == (0, "")


@pytest.mark.parametrize("path", ["digits/metadata", "digits/versions/1/metadata"])
def test_rest_metadata(server, path):
    answer = requests.get(server.url(path), timeout=10)
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["model_spec", "metadata"]
    assert body["model_spec"] == {"name": "digits", "signature_name": "", "version": "1"}
    signatures = body["metadata"]["signature_def"]["signature_def"]
    assert sorted(signatures) == ["serve", "serving_default"]
    for signature in signatures.values():
        assert signature["method_name"] == "tensorflow/serving/predict"
        assert_tensor(signature["inputs"], "image")
        assert_tensor(signature["outputs"], "output_0")


def assert_tensor(tensors: dict, name: str) -> None:
    assert list(tensors) == [name]
    tensor = dict(tensors[name])
    assert tensor.pop("name"), "TensorFlow names the graph's tensor here"
    assert tensor == {
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": [{"size": size, "name": ""} for size in SIZES[name]], "unknown_rank": False},
    }


def test_grpc_metadata(prediction_service):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "digits"
    response = prediction_service.GetModelMetadata(request, timeout=10)
    assert (response.model_spec.name, response.model_spec.version.value) == ("digits", 1)
    assert list(response.metadata) == ["signature_def"]
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    for name in ("serve", "serving_default"):
        signature = signatures.signature_def[name]
        for tensors in (signature.inputs, signature.outputs):
            for key, tensor in tensors.items():
                assert [str(dimension.size) for dimension in tensor.tensor_shape.dim] == SIZES[key]
