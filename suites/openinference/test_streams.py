"""Streams, deadlines, and methods that are not served, over gRPC."""

import queue

import grpc as transport
import numpy
import pytest
import requests
import tritonclient.grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

from test_load import filled, rows


@pytest.fixture(scope="module")
def stub(server):
    with transport.insecure_channel(server.grpc_address) as channel:
        yield service_pb2_grpc.GRPCInferenceServiceStub(channel)


def wine_request(repeated: int = 1, **fields) -> service_pb2.ModelInferRequest:
    values = numpy.repeat(rows(0, 0), repeated, axis=0)
    request = service_pb2.ModelInferRequest(model_name="wine", **fields)
    request.inputs.add(name="analysis", datatype="FP32", shape=values.shape)
    request.raw_input_contents.append(values.tobytes())
    return request


def test_an_error_ends_its_request_and_not_the_stream(server):
    answers = queue.Queue()
    with tritonclient.grpc.InferenceServerClient(server.grpc_address) as client:
        client.start_stream(lambda result, error: answers.put((result, error)))
        for number in range(6):
            model = "nobody" if number % 2 else "wine"
            client.async_stream_infer(model, [filled(tritonclient.grpc, rows(0, 0))], request_id=str(number))
        received = [answers.get(timeout=60) for _ in range(6)]
        client.stop_stream()
    assert [error is None for _, error in received] == [True, False] * 3
    assert [result.get_response().id for result, _ in received[::2]] == ["0", "2", "4"]
    assert all("unknown model: 'nobody'" in error.message() for _, error in received[1::2])


def test_a_stream_without_requests(stub):
    assert list(stub.ModelStreamInfer(iter(()), timeout=10)) == []


def test_a_stream_of_many(stub):
    answers = stub.ModelStreamInfer((wine_request(id=str(number)) for number in range(500)), timeout=60)
    answered = [(answer.error_message, answer.infer_response.id) for answer in answers]
    assert answered == [("", str(number)) for number in range(500)]


def test_a_stream_whose_client_goes_away_holds_nobody_up(stub):
    answers = stub.ModelStreamInfer(iter(wine_request, None), timeout=60)
    assert next(answers).error_message == ""
    answers.cancel()
    assert stub.ModelInfer(wine_request(id="after"), timeout=10).id == "after"


def test_deadline(stub):
    with pytest.raises(transport.RpcError) as ended:
        stub.ModelInfer(wine_request(repeated=1_000_000), timeout=0.02)
    assert ended.value.code() == transport.StatusCode.DEADLINE_EXCEEDED


def test_typed_contents(stub):
    values = rows(0, 0)
    raw = stub.ModelInfer(wine_request(), timeout=10)
    request = wine_request()
    del request.raw_input_contents[:]
    request.inputs[0].contents.fp32_contents.extend(values.ravel().tolist())
    assert stub.ModelInfer(request, timeout=10).raw_output_contents == raw.raw_output_contents


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda request: request.raw_input_contents.append(b""), "expected raw_input_contents for 1 inputs, received 2"),
        (lambda request: request.inputs[0].contents.fp32_contents.append(1), "must not be specified when using raw_input_contents"),
        (lambda request: setattr(request.inputs[0], "datatype", "FLOAT"), "datatype 'FLOAT' is none of"),
        (lambda request: request.inputs[0].shape.append(2), "needs 104 bytes, received 52"),
        (lambda request: request.raw_input_contents.pop(), "received 0 in the contents of its type FP32"),
        (lambda request: request.inputs[0].parameters["classification"].Clear(), "has no value"),
        (lambda request: request.outputs.add(name="other"), "unexpected inference output 'other'"),
    ],
)
def test_wrong_messages(stub, change, message):
    request = wine_request()
    change(request)
    with pytest.raises(transport.RpcError) as refused:
        stub.ModelInfer(request, timeout=10)
    assert refused.value.code() == transport.StatusCode.INVALID_ARGUMENT
    assert message in refused.value.details()


def test_half_types_have_no_typed_contents(stub):
    request = service_pb2.ModelInferRequest(model_name="doubling_float16")
    request.inputs.add(name="values", datatype="FP16", shape=[1, 3]).contents.fp32_contents.extend([1, 2, 3])
    with pytest.raises(transport.RpcError, match="FP16 has no typed contents"):
        stub.ModelInfer(request, timeout=10)


def test_repository_names_are_not_supported(stub):
    with pytest.raises(transport.RpcError) as refused:
        stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(repository_name="a"), timeout=10)
    assert refused.value.code() == transport.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("call", ["get_system_shared_memory_status", "get_trace_settings", "get_log_settings"])
def test_what_is_not_served(http, grpc, call):
    for client in (http, grpc):
        with pytest.raises(InferenceServerException):
            getattr(client, call)()


def test_index_of_what_is_ready(server):
    index = requests.post(f"{server.address}/v2/repository/index", json={"ready": True}, timeout=10).json()
    assert {entry["state"] for entry in index} == {"READY"}
