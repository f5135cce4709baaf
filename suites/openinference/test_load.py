"""Many clients at once, each with its own rows: every answer belongs to its question."""

import concurrent.futures

import numpy
import pytest
import requests
import tritonclient.grpc
import tritonclient.http

from bounds import difference

CLIENTS = 16
REQUESTS = 40
LARGE_ROWS = 40_000


def rows(client: int, request: int) -> numpy.ndarray:
    generator = numpy.random.default_rng([client, request])
    return generator.uniform(0, 100, (1 + request % 3, 13)).astype("float32")


def answer(server, values: numpy.ndarray) -> numpy.ndarray:
    """TensorFlow Serving's protocol, which has suites of its own, tells what is right."""
    body = {"instances": values.tolist()}
    return numpy.array(server.predict("wine", body).json()["predictions"], "float32")


def filled(module, values: numpy.ndarray):
    given = module.InferInput("analysis", list(values.shape), "FP32")
    given.set_data_from_numpy(values)
    return given


def by_http(server, client):
    with tritonclient.http.InferenceServerClient(server.address.removeprefix("http://")) as connected:
        for request in range(REQUESTS):
            values = rows(client, request)
            yield values, connected.infer("wine", [filled(tritonclient.http, values)]).as_numpy("output_0")


def by_grpc(server, client):
    with tritonclient.grpc.InferenceServerClient(server.grpc_address) as connected:
        for request in range(REQUESTS):
            values = rows(client, request)
            yield values, connected.infer("wine", [filled(tritonclient.grpc, values)]).as_numpy("output_0")


def by_json(server, client):
    with requests.Session() as session:
        for request in range(REQUESTS):
            values = rows(client, request)
            given = {"name": "analysis", "shape": values.shape, "datatype": "FP32", "data": values.ravel().tolist()}
            body = session.post(f"{server.address}/v2/models/wine/infer", json={"inputs": [given]}, timeout=60).json()
            (output,) = body["outputs"]
            yield values, numpy.array(output["data"], "float32").reshape(output["shape"])


@pytest.mark.parametrize("way", [by_json, by_grpc], ids=["json", "grpc"])
def test_answers_belong_to_their_questions(server, way):
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as threads:
        exchanged = [pair for pairs in threads.map(lambda client: list(way(server, client)), range(CLIENTS)) for pair in pairs]
    assert len(exchanged) == CLIENTS * REQUESTS
    asked = numpy.concatenate([values for values, _ in exchanged])
    wrong = difference(numpy.concatenate([scores for _, scores in exchanged]), answer(server, asked), "float32")
    assert wrong is None, wrong


def test_http_client_reuses_its_connection(server):
    exchanged = list(by_http(server, 0))
    asked = numpy.concatenate([values for values, _ in exchanged])
    wrong = difference(numpy.concatenate([scores for _, scores in exchanged]), answer(server, asked), "float32")
    assert wrong is None, wrong


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_large_messages(server, http, grpc, protocol):
    client, module = (http, tritonclient.http) if protocol == "http" else (grpc, tritonclient.grpc)
    values = numpy.concatenate([rows(0, 0)] * LARGE_ROWS).astype("float32")
    scores = client.infer("wine", [filled(module, values)]).as_numpy("output_0")
    expected = client.infer("wine", [filled(module, values[:1])]).as_numpy("output_0")
    wrong = difference(scores, numpy.repeat(expected, len(values), axis=0), "float32")
    assert wrong is None, wrong
