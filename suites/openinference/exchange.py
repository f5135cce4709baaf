"""The same inference through every way that tritonclient has."""

import asyncio
import queue

import numpy
import tritonclient.grpc
import tritonclient.grpc.aio
import tritonclient.http
import tritonclient.http.aio
from tritonclient.utils import triton_to_np_dtype


def converted(value: numpy.ndarray, datatype: str) -> numpy.ndarray:
    """An array as the client wants it for a datatype: strings are bytes, and BF16 travels as float32."""
    if datatype == "BYTES":
        flat = [text if isinstance(text, bytes) else str(text).encode() for text in value.ravel()]
        return numpy.array(flat, object).reshape(value.shape)
    return value.astype(triton_to_np_dtype(datatype))


def inputs(module, metadata: dict, values: dict[str, numpy.ndarray], **options) -> list:
    """The InferInput of each array, of the datatype that the model's metadata tells."""
    filled = []
    for tensor in metadata["inputs"]:
        value = converted(values[tensor["name"]], tensor["datatype"])
        given = module.InferInput(tensor["name"], list(value.shape), tensor["datatype"])
        given.set_data_from_numpy(value, **options)
        filled.append(given)
    return filled


def outputs(result, metadata: dict) -> dict[str, numpy.ndarray]:
    return {tensor["name"]: result.as_numpy(tensor["name"]) for tensor in metadata["outputs"]}


def http_binary(server, http, grpc, model, metadata, values):
    return http.infer(model, inputs(tritonclient.http, metadata, values))


def http_json(server, http, grpc, model, metadata, values):
    wanted = [tritonclient.http.InferRequestedOutput(t["name"], binary_data=False) for t in metadata["outputs"]]
    return http.infer(model, inputs(tritonclient.http, metadata, values, binary_data=False), outputs=wanted)


def http_compressed(server, http, grpc, model, metadata, values):
    return http.infer(
        model,
        inputs(tritonclient.http, metadata, values),
        request_compression_algorithm="gzip",
        response_compression_algorithm="deflate",
    )


def http_async(server, http, grpc, model, metadata, values):
    pending = [http.async_infer(model, inputs(tritonclient.http, metadata, values)) for _ in range(4)]
    return [request.get_result() for request in pending][-1]


def http_aio(server, http, grpc, model, metadata, values):
    async def infer():
        address = server.address.removeprefix("http://")
        async with tritonclient.http.aio.InferenceServerClient(address) as client:
            return await client.infer(model, inputs(tritonclient.http, metadata, values))

    return asyncio.run(infer())


def grpc_sync(server, http, grpc, model, metadata, values):
    return grpc.infer(model, inputs(tritonclient.grpc, metadata, values))


def grpc_compressed(server, http, grpc, model, metadata, values):
    return grpc.infer(model, inputs(tritonclient.grpc, metadata, values), compression_algorithm="gzip")


def grpc_async(server, http, grpc, model, metadata, values):
    answers = queue.Queue()
    grpc.async_infer(model, inputs(tritonclient.grpc, metadata, values), lambda result, error: answers.put((result, error)))
    result, error = answers.get(timeout=60)
    assert error is None, error
    return result


def grpc_aio(server, http, grpc, model, metadata, values):
    async def infer():
        async with tritonclient.grpc.aio.InferenceServerClient(server.grpc_address) as client:
            return await client.infer(model, inputs(tritonclient.grpc, metadata, values))

    return asyncio.run(infer())


def grpc_stream(server, http, grpc, model, metadata, values):
    answers = queue.Queue()
    with tritonclient.grpc.InferenceServerClient(server.grpc_address) as client:
        client.start_stream(lambda result, error: answers.put((result, error)))
        for number in range(4):
            client.async_stream_infer(model, inputs(tritonclient.grpc, metadata, values), request_id=str(number))
        received = [answers.get(timeout=60) for _ in range(4)]
        client.stop_stream()
    assert [error for _, error in received] == [None] * 4
    assert [result.get_response().id for result, _ in received] == ["0", "1", "2", "3"]
    return received[-1][0]


WAYS = (http_binary, http_json, grpc_sync)
OTHER_WAYS = (http_compressed, http_async, http_aio, grpc_compressed, grpc_async, grpc_aio, grpc_stream)
