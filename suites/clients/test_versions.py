"""Which versions serve, and which of them answers: policies, labels and routes."""

import json
import math
import time

import grpc
import pytest
import requests
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2

from conftest import digits_archive
from repository import EXAMPLES
from server import serving

DIGITS = json.loads((EXAMPLES / "requests/digits.json").read_text())
ALL = {"model_version_policy": {"all": {}}}


@pytest.fixture
def two(server, uploaded):
    """A model of which versions 1 and 2 serve."""
    assert requests.put(server.url(f"{uploaded}/settings"), json=ALL, timeout=60).status_code == 200
    assert server.upload(uploaded, digits_archive()).status_code == 201
    return uploaded


def put(server, name, **settings):
    return requests.put(server.url(f"{name}/settings"), json=settings, timeout=60)


def patch(server, name, **settings):
    return requests.patch(server.url(f"{name}/settings"), json=settings, timeout=60)


def states(server, name):
    status = requests.get(server.url(name), timeout=10).json()["model_version_status"]
    return {int(version["version"]): version["state"] for version in status}


def available(server, name):
    return sorted(version for version, state in states(server, name).items() if state == "AVAILABLE")


def answering(server, path):
    """The version that answers a request to `path`, told by its metadata."""
    answer = requests.get(server.url(f"{path}/metadata"), timeout=10)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["model_spec"]["version"])


def test_policies_choose_what_serves(server, two):
    assert available(server, two) == [1, 2]
    assert put(server, two, model_version_policy={"specific": {"versions": [1]}}).status_code == 200
    assert available(server, two) == [1]
    assert put(server, two, model_version_policy={"latest": {"num_versions": 2}}).status_code == 200
    assert available(server, two) == [1, 2]
    assert requests.delete(server.url(f"{two}/settings"), timeout=60).status_code == 204
    assert available(server, two) == [2]
    assert requests.get(server.url(f"{two}/settings"), timeout=10).json() == {}


def test_a_label_answers_over_rest(server, two):
    assert patch(server, two, version_labels={"stable": 1, "beta": 2}).status_code == 200
    assert answering(server, f"{two}/labels/stable") == 1
    assert answering(server, f"{two}/labels/beta") == 2
    assert server.predict(f"{two}/labels/stable", DIGITS).json() == server.predict(two, DIGITS).json()
    assert requests.get(server.url(f"{two}/labels/stable"), timeout=10).status_code == 200


def test_a_label_answers_over_grpc(server, two, prediction_service):
    assert patch(server, two, version_labels={"stable": 1}).status_code == 200
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name, request.model_spec.version_label = two, "stable"
    assert prediction_service.GetModelMetadata(request, timeout=60).model_spec.version.value == 1
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.version_label = two, "unknown"
    with pytest.raises(grpc.RpcError) as refused:
        prediction_service.Predict(request, timeout=60)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == "Unrecognized servable version label: unknown"


def test_a_label_is_for_a_version_that_serves(server, two):
    for version in (7, 10**17):
        answer = patch(server, two, version_labels={"beta": version})
        assert answer.status_code == 400
        assert answer.json()["error"] == (
            f"Request to assign label to version {version} of model {two},"
            " which is not currently available for inference"
        )
    assert requests.get(server.url(f"{two}/settings"), timeout=10).json() == ALL


def test_a_labelled_version_stays(server, two):
    assert put(server, two, version_labels={"stable": 1}).status_code == 200
    assert available(server, two) == [1, 2]
    assert server.upload(two, digits_archive()).status_code == 201
    assert available(server, two) == [1, 3]
    refused = server.delete(f"{two}/versions/1")
    assert refused.status_code == 400 and "the label 'stable'" in refused.json()["error"]
    assert patch(server, two, version_labels=None).status_code == 200
    assert available(server, two) == [3]


def test_a_rollback_loads_the_older_version_and_holds_it(server, uploaded):
    assert server.upload(uploaded, digits_archive()).status_code == 201
    assert available(server, uploaded) == [2]
    assert put(server, uploaded, default_route=1).status_code == 200
    assert answering(server, uploaded) == 1
    assert server.upload(uploaded, digits_archive()).status_code == 201
    assert answering(server, uploaded) == 1
    assert put(server, uploaded, default_route=9).status_code == 400
    assert answering(server, uploaded) == 1
    assert patch(server, uploaded, default_route=None).status_code == 200
    assert answering(server, uploaded) == 3


def test_weights_split_the_traffic(server, two):
    requests_sent, share = 2000, 0.1
    split = {"1": 1 - share, "2": share}
    assert put(server, two, default_route=split, version_labels={"canary": split}).status_code == 200
    with requests.Session() as session:
        for path in (two, f"{two}/labels/canary"):
            url = server.url(f"{path}/metadata")
            answers = [session.get(url, timeout=10).json()["model_spec"]["version"] for _ in range(requests_sent)]
            deviation = math.sqrt(requests_sent * share * (1 - share))
            assert abs(answers.count("2") - requests_sent * share) < 4 * deviation


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"labels": {}}, "$.labels"),
        ({"model_version_policy": {"latest": {"num_versions": 0}}}, "$.model_version_policy.latest.num_versions"),
        ({"version_labels": {"a": {"1": 0}}}, "$.version_labels.a.1"),
        ({"default_route": "newest"}, "$.default_route"),
    ],
    ids=["key", "policy", "weight", "route"],
)
def test_a_mistake_is_named_by_its_place(server, two, settings, place):
    answer = requests.put(server.url(f"{two}/settings"), json=settings, timeout=10)
    assert answer.status_code == 400 and f"settings: {place}: " in answer.json()["error"]


def test_a_model_that_is_not_there_has_no_settings(server):
    assert requests.get(server.url("nobody/settings"), timeout=10).status_code == 404
    assert put(server, "nobody", default_route=1).status_code == 404


def test_settings_outlive_the_server(tmp_path):
    for version in ("1", "2"):
        folder = tmp_path / "models/digits" / version
        folder.mkdir(parents=True)
        (folder / "model.keras").write_bytes(digits_archive())
    with serving(tmp_path / "models", tmp_path / "first.txt") as first:
        assert put(first, "digits", default_route=1, version_labels={"new": 2}).status_code == 200
    with serving(tmp_path / "models", tmp_path / "second.txt") as second:
        assert answering(second, "digits") == 1
        assert answering(second, "digits/labels/new") == 2
        (tmp_path / "models/digits/settings.json").write_text("{}")
        deadline = time.monotonic() + 30
        while answering(second, "digits") != 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert answering(second, "digits") == 2, "what an operator writes is taken within a poll"
