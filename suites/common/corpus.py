"""The conformance corpus: archives that real Keras wrote, with Keras's own answers (see its README.md)."""

import dataclasses
import functools
import io
import json
import zipfile

import numpy

from repository import CORPUS


@dataclasses.dataclass(frozen=True)
class Case:
    """One archive with its inputs and Keras's outputs, under the names that clients see."""

    name: str
    archive: bytes
    inputs: dict[str, numpy.ndarray]
    outputs: dict[str, numpy.ndarray]
    output_dtypes: dict[str, str]
    tolerance: float | None


@functools.cache
def names(prefix: str) -> list[str]:
    return sorted(name for name in manifest() if name.startswith(prefix))


@functools.cache
def manifest() -> dict[str, dict]:
    with zipfile.ZipFile(CORPUS) as corpus:
        return {case["case"]: case for case in json.loads(corpus.read("dev/manifest.json"))}


def load(name: str) -> Case:
    entry = manifest()[name]
    with zipfile.ZipFile(CORPUS) as corpus:
        archive = corpus.read(f"dev/{entry['archive']}")
        with numpy.load(io.BytesIO(corpus.read(f"dev/{entry['data']}"))) as data:
            arrays = dict(data)
    output_names = list(client_output_names(entry["output_structure"]))
    return Case(
        name,
        archive,
        {client: arrays[given["key"]] for client, given in zip(client_input_names(archive), entry["inputs"], strict=True)},
        {client: arrays[given["key"]] for client, given in zip(output_names, entry["outputs"], strict=True)},
        {client: given["dtype"] for client, given in zip(output_names, entry["outputs"], strict=True)},
        entry.get("tol"),
    )


def client_input_names(archive: bytes) -> list[str]:
    """The names of the Input layers, in the order of the model's inputs."""
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        config = json.loads(members.read("config.json"))["config"]
    if "input_layers" in config:
        return [layer for layer, _, _ in flatten_keras_history(config["input_layers"])]
    first = config["layers"][0]
    # A Sequential model without an Input layer gets one when it is loaded, under the default name of that class.
    return [first["config"]["name"] if first["class_name"] == "InputLayer" else "input_layer"]


def flatten_keras_history(structure) -> list[list]:
    """The [layer, call, tensor] entries of a nested structure, dict keys sorted as Keras flattens them."""
    if isinstance(structure, dict):
        return [entry for key in sorted(structure) for entry in flatten_keras_history(structure[key])]
    if isinstance(structure[0], str):
        return [structure]
    return [entry for part in structure for entry in flatten_keras_history(part)]


def client_output_names(structure) -> list[str]:
    """The keys of a dict of outputs; for any other structure, the output's place in it."""
    if isinstance(structure, dict):
        return sorted(structure)
    return [f"output_{index}" for index in range(count_leaves(structure))]


def count_leaves(structure) -> int:
    if isinstance(structure, str):
        return 1
    return sum(map(count_leaves, structure.values() if isinstance(structure, dict) else structure))
