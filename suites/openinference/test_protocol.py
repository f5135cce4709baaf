"""What tritonclient asks besides inferences: health, metadata, statistics, configuration, classes, the repository."""

import json

import numpy
import pytest
import requests
import tritonclient.grpc
import tritonclient.http
from tritonclient.utils import InferenceServerException

import corpus
from repository import EXAMPLES

EXTENSIONS = [
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "model_repository",
    "model_repository(unload_dependents)",
    "statistics",
]
WINES = numpy.array(json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"], "float32")
ARCHIVE = (EXAMPLES / "models/wine/1/model.keras").read_bytes()


@pytest.fixture(params=["http", "grpc"])
def client(request):
    return request.getfixturevalue(request.param)


def as_dict(client, method: str, *arguments, **options):
    """What a method of either client answers, in the shape of the HTTP client's."""
    if isinstance(client, tritonclient.grpc.InferenceServerClient):
        return getattr(client, method)(*arguments, as_json=True, **options)
    return getattr(client, method)(*arguments, **options)


def wine_input(client, values=WINES):
    module = tritonclient.grpc if isinstance(client, tritonclient.grpc.InferenceServerClient) else tritonclient.http
    given = module.InferInput("analysis", list(values.shape), "FP32")
    given.set_data_from_numpy(values)
    return given


def wine_output(client, **options):
    module = tritonclient.grpc if isinstance(client, tritonclient.grpc.InferenceServerClient) else tritonclient.http
    return module.InferRequestedOutput("output_0", **options)


def test_health(client):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("wine")
    assert client.is_model_ready("wine", "1")
    assert client.is_model_ready("wine:serving_default")
    assert not client.is_model_ready("wine", "7")
    assert not client.is_model_ready("wine:nothing")
    assert not client.is_model_ready("nobody")


def test_server_metadata(client):
    metadata = as_dict(client, "get_server_metadata")
    assert metadata["name"] == "alphorn"
    assert metadata["version"]
    assert metadata["extensions"] == EXTENSIONS


@pytest.mark.parametrize("name, version", [("wine", ""), ("wine", "1"), ("wine:serve", "")])
def test_model_metadata(client, name, version):
    metadata = as_dict(client, "get_model_metadata", name, version)
    assert metadata["name"] == name
    assert metadata["versions"] == ["1"]
    assert metadata["platform"] == "keras_archive"
    (given,), (answered,) = metadata["inputs"], metadata["outputs"]
    assert (given["name"], given["datatype"], [int(size) for size in given["shape"]]) == ("analysis", "FP32", [-1, 13])
    assert (answered["name"], answered["datatype"], [int(size) for size in answered["shape"]]) == ("output_0", "FP32", [-1, 3])


def test_model_configuration(client):
    config = as_dict(client, "get_model_config", "wine")
    config = config.get("config", config)
    assert (config["name"], config["platform"], config["backend"]) == ("wine", "keras_archive", "alphorn")
    assert config.get("max_batch_size", 0) == 0
    assert config["version_policy"] == {"latest": {"num_versions": 1}}
    (given,) = config["input"]
    assert (given["name"], given["data_type"], [int(size) for size in given["dims"]]) == ("analysis", "TYPE_FP32", [-1, 13])


def test_statistics(client):
    def counts():
        (model,) = as_dict(client, "get_inference_statistics", "wine")["model_stats"]
        parts = model.get("inference_stats", {})
        count = {part: int(parts.get(part, {}).get("count", 0)) for part in ("success", "fail", "compute_infer")}
        return int(model.get("inference_count", 0)), int(model.get("execution_count", 0)), count

    rows, runs, before = counts()
    client.infer("wine", [wine_input(client)])
    with pytest.raises(InferenceServerException):
        client.infer("wine", [wine_input(client, WINES[:, :12])])
    rows_after, runs_after, after = counts()
    assert (rows_after - rows, runs_after - runs) == (len(WINES), 1)
    assert {part: after[part] - before[part] for part in after} == {"success": 1, "fail": 1, "compute_infer": 1}
    assert {model["name"] for model in as_dict(client, "get_inference_statistics")["model_stats"]} >= {"wine", "digits"}


def test_identifier_and_version_are_echoed(client):
    response = client.infer("wine", [wine_input(client)], model_version="1", request_id="my id").get_response()
    if not isinstance(response, dict):
        response = {"id": response.id, "model_name": response.model_name, "model_version": response.model_version}
    assert (response["id"], response["model_name"], response["model_version"]) == ("my id", "wine", "1")


def test_parameters_that_mean_nothing_here_are_passed_over(client):
    result = client.infer("wine", [wine_input(client)], sequence_id=3, sequence_start=True, priority=2, timeout=1_000_000)
    assert result.as_numpy("output_0").shape == (3, 3)


def test_classification(client):
    scores = client.infer("wine", [wine_input(client)]).as_numpy("output_0")
    classes = client.infer("wine", [wine_input(client)], outputs=[wine_output(client, class_count=2)]).as_numpy("output_0")
    expected = [[f"{row[index]:.6f}:{index}".encode() for index in numpy.argsort(-row)[:2]] for row in scores]
    assert classes.tolist() == expected


def test_outputs_are_those_asked_for_in_that_order(client):
    name = next(name for name in corpus.names("model_k3.10.0") if len(corpus.load(name).outputs) > 1)
    case = corpus.load(name)
    module = tritonclient.grpc if isinstance(client, tritonclient.grpc.InferenceServerClient) else tritonclient.http
    given = []
    for key, value in case.inputs.items():
        tensor = module.InferInput(key, list(value.shape), "FP32")
        tensor.set_data_from_numpy(value.astype("float32"))
        given.append(tensor)
    wanted = sorted(case.outputs, reverse=True)
    response = client.infer(name, given, outputs=[module.InferRequestedOutput(key) for key in wanted]).get_response()
    answered = response["outputs"] if isinstance(response, dict) else response.outputs
    names = [output["name"] if isinstance(output, dict) else output.name for output in answered]
    assert names == wanted


@pytest.mark.parametrize(
    "infer, message",
    [
        (lambda client: client.infer("nobody", [wine_input(client)]), "Request for unknown model: 'nobody' is not found"),
        (lambda client: client.infer("wine", [wine_input(client)], model_version="7"), "'wine' version 7 is not found"),
        (lambda client: client.infer("wine:other", [wine_input(client)]), "no endpoint 'other'"),
        (lambda client: client.infer("digits", [wine_input(client)]), "unexpected inference input 'analysis'"),
        (lambda client: client.infer("wine", []), "expected 1 inputs but got 0"),
        (lambda client: client.infer("wine", [wine_input(client)] * 2), "given twice"),
        (lambda client: client.infer("wine", [wine_input(client, WINES[:, :12])]), "expected float32[batch, 13]"),
        (
            lambda client: client.infer("sentiment", [wine_input(client)]),
            "unexpected inference input",
        ),
    ],
)
def test_refusals(client, infer, message):
    with pytest.raises(InferenceServerException) as refused:
        infer(client)
    assert message in refused.value.message()


def test_shared_memory_is_refused(http, grpc):
    for client, module in ((http, tritonclient.http), (grpc, tritonclient.grpc)):
        given = module.InferInput("analysis", [3, 13], "FP32")
        given.set_shared_memory("region", WINES.nbytes)
        with pytest.raises(InferenceServerException, match="shared memory is not supported"):
            client.infer("wine", [given])


def test_repository(client, request):
    name = f"loaded_{request.node.callspec.id}"
    with pytest.raises(InferenceServerException, match="Could not find any versions"):
        client.load_model(name)
    with pytest.raises(InferenceServerException, match="requires the parameter 'config'"):
        client.load_model(name, files={"file:1/model.keras": ARCHIVE})

    client.load_model(name, config="{}", files={"file:3/model.keras": ARCHIVE})
    assert client.is_model_ready(name, "3")
    assert state(client, name) == ("3", "READY")
    before = client.infer(name, [wine_input(client)]).as_numpy("output_0")

    client.unload_model(name)
    assert not client.is_model_ready(name)
    assert state(client, name)[0] == "3"
    with pytest.raises(InferenceServerException, match="is not found"):
        client.infer(name, [wine_input(client)])

    client.load_model(name)
    assert client.is_model_ready(name)
    assert numpy.array_equal(client.infer(name, [wine_input(client)]).as_numpy("output_0"), before)





def state(client, name):
    index = as_dict(client, "get_model_repository_index")
    models = index if isinstance(index, list) else index["models"]
    (found,) = [model for model in models if model["name"] == name]
    return found["version"], found["state"]


def test_a_broken_archive_is_not_loaded(client, request):
    name = f"broken_{request.node.callspec.id}"
    with pytest.raises(InferenceServerException):
        client.load_model(name, config="{}", files={"file:1/model.keras": ARCHIVE[:1000]})
    assert not client.is_model_ready(name)


@pytest.mark.parametrize(
    "body, message",
    [
        ("x", "failed to parse the request"),
        ("[]", "must be a JSON object"),
        ('{"parameters": []}', "'parameters' must be a JSON object"),
        ('{"parameters": {"config": "{}", "file:1/model.keras": 7}}', "must be a string in base64"),
        ('{"parameters": {"config": "{}", "file:1/model.keras": "!"}}', "is not in base64"),
        ('{"parameters": {"config": "{}", "file:model.keras": "AAAA"}}', "expected an archive as file:VERSION/model.keras"),
    ],
)
def test_wrong_load_requests(server, body, message):
    answer = requests.post(f"{server.address}/v2/repository/models/unheard_of/load", data=body, timeout=10)
    assert answer.status_code == 400, answer.text
    assert message in answer.json()["error"]


def test_a_version_that_exists_is_not_replaced(client):
    with pytest.raises(InferenceServerException, match="version 1 of model wine exists already"):
        client.load_model("wine", config="{}", files={"file:1/model.keras": ARCHIVE})


def test_names_of_models(server):
    names = requests.get(f"{server.address}/v2/models", timeout=10).json()["models"]
    assert {"wine", "digits"} <= set(names)
