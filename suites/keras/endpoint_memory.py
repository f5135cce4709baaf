"""What ten endpoints on ResNet50 cost in memory: the server's resident memory with them against without.

Each endpoint answers with the output of another block, so that together they need all of the model's weights. Every
endpoint is called before memory is read. Exits with 1 when they add 5% or more.
"""

import json
import pathlib
import sys
import tempfile

import requests

import applications
from server import Server, serving

BLOCKS = [
    "conv2_block1_out",
    "conv2_block3_out",
    "conv3_block2_out",
    "conv3_block4_out",
    "conv4_block2_out",
    "conv4_block4_out",
    "conv4_block6_out",
    "conv5_block1_out",
    "conv5_block2_out",
    "conv5_block3_out",
]
LIMIT = 1.05


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        archive = pathlib.Path(scratch, "model.keras")
        image, _ = applications.make("ResNet50", 64, archive)
        alone = measure(archive, image, [], pathlib.Path(scratch, "alone"))
        together = measure(archive, image, BLOCKS, pathlib.Path(scratch, "together"))
    print(f"ResNet50 {alone / 1e6:.0f} MB, with {len(BLOCKS)} endpoints {together / 1e6:.0f} MB: {together / alone - 1:+.1%}")
    return 0 if together < LIMIT * alone else 1


def measure(archive: pathlib.Path, image, layers: list[str], scratch: pathlib.Path) -> int:
    (scratch / "models").mkdir(parents=True)
    with serving(scratch / "models", scratch / "log.txt") as server:
        form = {"model": archive.read_bytes()}
        if layers:
            endpoints = [{"name": layer, "outputs": [pooled(layer)]} for layer in layers]
            form["endpoints"] = json.dumps({"endpoints": endpoints}).encode()
        files = {key: (key, value) for key, value in form.items()}
        answer = requests.post(server.url("resnet"), files=files, timeout=600)
        assert answer.status_code == 201, answer.text
        for _ in range(5):
            for endpoint in ["serve", *(layers or ["serve"] * len(BLOCKS))]:
                call(server, endpoint, image)
        return server.memory()


def pooled(layer: str) -> dict:
    """A block's output as one vector a row, so that answers as JSON do not fill the heap that is compared."""
    return {"layer": layer, "steps": [{"op": "mean", "axis": [1, 2]}]}


def call(server: Server, endpoint: str, image) -> None:
    url = server.url(f"resnet/endpoints/{endpoint}")
    assert requests.post(url, json={"inputs": image.tolist()}, timeout=60).status_code == 200


if __name__ == "__main__":
    sys.exit(main())
