"""Architectures of keras.applications, uploaded to a running server and held against Keras.

    applications.py [NAME ...]      MobileNetV2 and ResNet50 unless named

Each is made with weights=None and a fixed seed; its batch normalizations then get random statistics, since those of a
fresh model would leave them without effect. Nothing is downloaded and nothing is kept. For each this prints the size of
the archive, the seconds from the start of the upload to its answer (read, compiled, warmed) and the most memory that
the server process ever held.
"""

import argparse
import pathlib
import sys
import tempfile
import time

import grpc
import keras
import numpy
import requests
import tensorflow
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from bounds import difference
from server import Server, serving

SMALLEST_SIZES = {"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}
DEFAULTS = ("MobileNetV2", "ResNet50")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=DEFAULTS, metavar="NAME")
    parser.add_argument("--size", type=int, help="height and width of the image; the smallest that is legal otherwise")
    options = parser.parse_args()
    failed = False
    print(f"{'architecture':<18} {'archive':>9} {'to load':>9} {'peak memory':>12}  against Keras")
    for name in options.names:
        with tempfile.TemporaryDirectory() as scratch:
            models = pathlib.Path(scratch, "models")
            models.mkdir()
            with serving(models, pathlib.Path(scratch, "log.txt")) as server:
                failed |= not hold(name, options.size, pathlib.Path(scratch, f"{name}.keras"), server)
    return failed


def hold(name: str, size: int | None, archive: pathlib.Path, server: Server) -> bool:
    """Makes, uploads and compares one architecture, on a server of its own so that its memory is its own."""
    image, expected = make(name, size or SMALLEST_SIZES.get(name, 32), archive)
    start = time.monotonic()
    with archive.open("rb") as body:
        answer = requests.post(server.url(name), data=body, headers={"Content-Type": "application/octet-stream"}, timeout=600)
    seconds = time.monotonic() - start
    if answer.status_code != 201:
        print(f"{name:<18} refused: {answer.status_code} {answer.text}")
        return False
    wrong = difference(predict(name, image, server), expected, "float32")
    megabytes = archive.stat().st_size / 1e6
    print(f"{name:<18} {megabytes:>6.1f} MB {seconds:>7.2f} s {server.peak_memory() / 1e6:>9.0f} MB  {wrong or 'equal'}")
    return wrong is None


def make(name: str, size: int, archive: pathlib.Path) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Saves the architecture; returns two images and what Keras answers to them."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=10)
    numbers = numpy.random.default_rng(7)
    for weight in model.weights:
        shape = tuple(weight.shape)
        if weight.path.endswith("moving_mean") or weight.path.endswith("beta"):
            weight.assign(numbers.normal(0, 0.1, shape))
        elif weight.path.endswith("moving_variance") or weight.path.endswith("gamma"):
            weight.assign(numbers.uniform(0.8, 1.2, shape))
    model.save(archive)
    image = numbers.uniform(0, 255, (2, size, size, 3)).astype("float32")
    return image, numpy.asarray(keras.saving.load_model(archive, compile=False)(image, training=False))


def predict(name: str, image: numpy.ndarray, server: Server) -> numpy.ndarray:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    with grpc.insecure_channel(server.grpc_address, [("grpc.max_send_message_length", -1)]) as channel:
        metadata = requests.get(server.url(f"{name}/metadata"), timeout=60).json()
        (input_name,) = metadata["metadata"]["signature_def"]["signature_def"]["serving_default"]["inputs"]
        request.inputs[input_name].CopyFrom(tensorflow.make_tensor_proto(image))
        outputs = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=300).outputs
    return tensorflow.make_ndarray(outputs["output_0"])


if __name__ == "__main__":
    sys.exit(main())
