"""Writes a trained model where the server finds it, with one real request and Keras's own answer to it.

For an example NAME this makes, under examples/:

    models/NAME/VERSION/model.keras   the archive, as `model.save()` writes it
    requests/NAME.json                the body of POST /v1/models/NAME:predict (TensorFlow Serving's row format)
    requests/NAME.expected.json       the body of the answer, computed by Keras from the reloaded archive
"""

import json
import pathlib

import keras
import numpy

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent


def publish(name: str, trained: keras.Model, instances: numpy.ndarray, version: int = 1) -> None:
    """Saves `trained` as version `version` of the example and answers `instances` with what was saved.

    The training configuration and the optimizer's state are left out: a server needs neither, and Adam's state is
    twice as large as the weights.
    """
    archive = EXAMPLES / "models" / name / str(version) / "model.keras"
    archive.parent.mkdir(parents=True, exist_ok=True)
    keras.Model(trained.input, trained.output, name=name).save(archive)

    predictions = keras.saving.load_model(archive)(instances, training=False)
    write_json(f"{name}.json", {"instances": as_json(instances)})
    write_json(f"{name}.expected.json", {"predictions": as_json(keras.ops.convert_to_numpy(predictions))})
    print(f"{archive.relative_to(EXAMPLES)}: {archive.stat().st_size / 1000:.0f} kB, {trained.count_params()} parameters")


def as_json(values: numpy.ndarray) -> list:
    """The shortest decimals that read back as the same float32 numbers."""
    if values.ndim > 1:
        return [as_json(row) for row in values]
    return [float(str(value)) if values.dtype.kind == "f" else int(value) for value in values]


def write_json(file_name: str, body: dict) -> None:
    (key, rows), = body.items()
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    path = EXAMPLES / "requests" / file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"{key}": [\n{lines}\n]}}\n')
