"""The SDK's REST and gRPC clients: KServe's V1 protocol and the Open Inference Protocol, on the example of wines."""

import asyncio
import json

import httpx
import kserve
import numpy
import pytest

from repository import EXAMPLES
from server import serving

ROWS = json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"]
EXPECTED = json.loads((EXAMPLES / "requests/wine.expected.json").read_text())["predictions"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(EXAMPLES / "models", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


def rest(protocol: str, call):
    """What `call` gets from a client of a version of the protocol."""

    async def run():
        client = kserve.InferenceRESTClient(kserve.RESTConfig(protocol=protocol, retries=0))
        try:
            return await call(client)
        finally:
            await client.close()

    return asyncio.run(run())


def grpc(server, call):
    async def run():
        async with kserve.InferenceGRPCClient(server.grpc_address) as client:
            return await call(client)

    return asyncio.run(run())


def request(binary: bool) -> kserve.InferRequest:
    given = kserve.InferInput("analysis", [3, 13], "FP32")
    given.set_data_from_numpy(numpy.array(ROWS, "float32"), binary_data=binary)
    return kserve.InferRequest("wine", [given], request_id="7")


def is_right(response: kserve.InferResponse) -> None:
    assert (response.id, response.model_name) == ("7", "wine")
    (output,) = response.outputs
    assert numpy.allclose(output.as_numpy(), EXPECTED, rtol=1e-4, atol=1e-5)


def test_v1(server):
    assert rest("v1", lambda client: client.is_server_live(server.address))
    assert rest("v1", lambda client: client.is_model_ready(server.address, "wine"))
    answer = rest("v1", lambda client: client.infer(server.address, {"instances": ROWS}, model_name="wine"))
    assert numpy.allclose(answer["predictions"], EXPECTED, rtol=1e-4, atol=1e-5)
    with pytest.raises(httpx.HTTPStatusError):
        rest("v1", lambda client: client.is_model_ready(server.address, "nobody"))


def test_v2_health(server):
    assert rest("v2", lambda client: client.is_server_live(server.address))
    assert rest("v2", lambda client: client.is_server_ready(server.address))
    assert rest("v2", lambda client: client.is_model_ready(server.address, "wine"))
    assert not rest("v2", lambda client: client.is_model_ready(server.address, "nobody"))


@pytest.mark.parametrize("binary", [False, True])
def test_v2_rest(server, binary):
    is_right(rest("v2", lambda client: client.infer(server.address, request(binary), model_name="wine")))


def test_v2_grpc(server):
    assert grpc(server, lambda client: client.is_server_live())
    assert grpc(server, lambda client: client.is_server_ready())
    assert grpc(server, lambda client: client.is_model_ready("wine"))
    assert not grpc(server, lambda client: client.is_model_ready("nobody"))


@pytest.mark.parametrize("binary", [False, True], ids=["typed contents", "raw contents"])
def test_v2_grpc_inference(server, binary):
    is_right(grpc(server, lambda client: client.infer(request(binary))))
