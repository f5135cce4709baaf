"""One server for the whole suite, over the corpus, the repository's examples and a model of each dtype."""

import shutil

import pytest
import tritonclient.grpc
import tritonclient.http

import corpus
import dtypes
from repository import EXAMPLES
from server import serving

CORPUS_PREFIXES = ("model_", "dt_", "sw_StringLookup", "op_all_axis1", "op_multiply_uint8", "op_add_i64_i32", "op_argmax_all")


def corpus_cases() -> list[str]:
    return [name for prefix in CORPUS_PREFIXES for name in corpus.names(prefix)]


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A model folder in the layout of TensorFlow Serving and Triton: NAME/VERSION/model.keras."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(EXAMPLES / "models", folder, dirs_exist_ok=True)
    for name in corpus_cases():
        archive(folder, name).write_bytes(corpus.load(name).archive)
    for dtype in dtypes.ALL:
        dtypes.doubling(dtype).save(archive(folder, f"doubling_{dtype}"))
    return folder


def archive(folder, name):
    path = folder / name / "1" / "model.keras"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture(scope="session")
def server(models, tmp_path_factory):
    with serving(models, tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture(scope="session")
def http(server):
    address = server.address.removeprefix("http://")
    with tritonclient.http.InferenceServerClient(address, concurrency=4, network_timeout=120) as client:
        yield client


@pytest.fixture(scope="session")
def grpc(server):
    with tritonclient.grpc.InferenceServerClient(server.grpc_address) as client:
        yield client
