"""Writes CASE.npz (in0, in1, ..., out0) for the archives of the corpus's unloadable/ that can be understood.

Usage: python make_cases.py FOLDER, with the unpacked folder; needs Keras 3.15.1 on TensorFlow.

Where `load_model` fails, the model is built anew as the archive's config tells and gets the archive's variables.
"""

import io
import pathlib
import sys
import zipfile

import h5py
import keras
import numpy as np

FOLDER = pathlib.Path(sys.argv[1])
OUTPUT = pathlib.Path(__file__).parent
SUBLAYERS = {"query_dense": "_query_dense", "key_dense": "_key_dense", "value_dense": "_value_dense", "output_dense": "_output_dense"}


def quantized_attention(case, mode):
    """MultiHeadAttention.quantize() leaves no trace in the config: quantize again, then assign."""
    inputs = keras.Input((3, 8))
    attention = keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    model = keras.Model(inputs, attention(inputs, inputs))
    model.quantize(mode)
    with zipfile.ZipFile(FOLDER / f"{case}.keras") as archive:
        weights = h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    for group, attribute in SUBLAYERS.items():
        store = {name: value[()] for name, value in weights[f"layers/multi_head_attention/{group}/vars"].items()}
        getattr(attention, attribute).load_own_variables(store)
    return model


def unchanged(shape):
    """Random augmentation does nothing at inference."""
    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.layers.Identity()(inputs))


def random_input(spec, random):
    shape = [2 if size is None else size for size in spec.shape]
    if spec.dtype == "int32":
        return random.integers(0, 5, shape).astype("int32")
    return random.normal(size=shape).astype("float32")


def write(case, model):
    random = np.random.default_rng(7)
    inputs = [random_input(spec, random) for spec in model.inputs]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    arrays = {f"in{i}": array for i, array in enumerate(inputs)}
    np.savez(OUTPUT / f"{case}.npz", **arrays, out0=keras.ops.convert_to_numpy(outputs))


for path in sorted(FOLDER.glob("model_*.keras")):
    write(path.stem, keras.models.load_model(path))
for mode in ("int8", "int4", "float8"):
    write(f"q_MHA_{mode}", quantized_attention(f"q_MHA_{mode}", mode))
write("sw_RandomShear_x_factor-0.1_y_factor-0.1_r3", unchanged((7, 9, 3)))
