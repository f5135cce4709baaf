"""One server for the whole suite, over the corpus's whole models and the repository's examples."""

import shutil

import grpc
import pytest
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

import corpus
from repository import EXAMPLES
from server import serving


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A model folder in the layout of TensorFlow Serving: NAME/VERSION/model.keras."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(EXAMPLES / "models", folder, dirs_exist_ok=True)
    for name in corpus.names("model_"):
        archive = folder / name / "1" / "model.keras"
        archive.parent.mkdir(parents=True)
        archive.write_bytes(corpus.load(name).archive)
    return folder


@pytest.fixture(scope="session")
def server(models, tmp_path_factory):
    with serving(models, tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture(scope="session")
def channel(server):
    unlimited = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.grpc_address, unlimited) as connected:
        yield connected


@pytest.fixture(scope="session")
def prediction_service(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


@pytest.fixture(scope="session")
def model_service(channel):
    return model_service_pb2_grpc.ModelServiceStub(channel)


@pytest.fixture
def uploaded(server, request):
    """The name of a model of this test's own: the digits example, uploaded once and deleted after the test."""
    name = request.node.name.replace("[", "-").replace("]", "").replace("/", "-").replace(":", "-")
    answer = server.upload(name, digits_archive())
    assert answer.status_code == 201, answer.text
    yield name
    server.delete(name)


def digits_archive() -> bytes:
    return (EXAMPLES / "models/digits/1/model.keras").read_bytes()
