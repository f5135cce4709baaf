"""TensorFlow Serving's metrics under its names, and its answers to web pages of other origins."""

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from repository import EXAMPLES
from server import serving
from test_predict import wine_request

PATH = "/monitoring/prometheus/metrics"
BUCKETS = [10 * 1.8**power for power in range(33)] + [float("inf")]
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}


def samples(server) -> dict[tuple, float]:
    answer = requests.get(server.address + PATH, timeout=10)
    assert answer.headers["Content-Type"].split(";")[0] == "text/plain"
    assert "# HELP" not in answer.text
    found = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    # The parser calls counters as OpenMetrics would have them.
    return {(sample.name.removesuffix("_total"), *sorted(sample.labels.items())): sample.value for sample in found}


def grown(before: dict, after: dict, name: str, **labels) -> float:
    key = (f":tensorflow:{name}", *sorted(labels.items()))
    return after[key] - before.get(key, 0)


def test_requests_are_counted_and_timed(server, prediction_service):
    before = samples(server)
    server.predict("wine", {"instances": [[1.0] * 13]})
    server.predict("wine", {"instances": [[1.0]]})
    prediction_service.Predict(wine_request(), timeout=30)
    after = samples(server)

    assert grown(before, after, "serving:request_count", model_name="wine", status="OK") == 2
    assert grown(before, after, "serving:request_count", model_name="wine", status="INVALID_ARGUMENT") == 1
    for api, entrypoint in (("predict", "REST"), ("Predict", "GRPC")):
        labels = {"model_name": "wine", "API": api, "entrypoint": entrypoint}
        assert grown(before, after, "serving:request_latency_count", **labels) == 1
        assert grown(before, after, "serving:request_latency_sum", **labels) > 0
    labels = {"model_name": "wine", "API": "Predict", "runtime": "ONNX"}
    assert grown(before, after, "serving:runtime_latency_count", **labels) == 2


def test_buckets_are_those_of_tensorflow_serving(server):
    server.predict("wine", {"instances": [[1.0] * 13]})
    limits = [
        float(dict(labels)["le"])
        for name, *labels in samples(server)
        if name == ":tensorflow:serving:request_latency_bucket"
        and {("model_name", "wine"), ("API", "predict"), ("entrypoint", "REST")} <= set(labels)
    ]
    assert sorted(limits) == pytest.approx(BUCKETS, rel=1e-5)


def test_loads_are_counted(server):
    assert samples(server)[
        (":tensorflow:cc:saved_model:load_attempt_count", ("model_path", "wine"), ("status", "success"))
    ] >= 1


def test_names_that_clients_make_up_are_no_labels(server):
    server.predict("made-up", {"instances": [1]})
    assert not any("made-up" in str(key) for key in samples(server))


def test_without_the_setting_other_origins_get_no_leave(server):
    answer = requests.get(server.url("wine"), headers={"Origin": "https://example.com"}, timeout=10)
    assert not set(CORS) & set(answer.headers)


def test_with_the_setting_other_origins_may_ask(tmp_path, monkeypatch):
    monkeypatch.setenv("ALPHORN_API_CORS", "true")
    with serving(EXAMPLES / "models", tmp_path / "log.txt") as server:
        origin = {"Origin": "https://example.com"}
        body = {"instances": [[1.0] * 13]}
        for answer in (
            requests.options(server.url("wine:predict"), headers=origin, timeout=10),
            requests.post(server.url("wine:predict"), json=body, headers=origin, timeout=10),
            requests.get(server.url("wine"), headers=origin, timeout=10),
        ):
            assert answer.status_code == 200
            assert CORS.items() <= answer.headers.items()
        refusal = requests.options(server.url("wine:predict"), timeout=10)
        assert refusal.status_code == 400
        assert refusal.json() == {"error": "Origin header is missing in CORS preflight"}
