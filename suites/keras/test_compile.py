"""What `./alphorn compile` writes is ONNX to everybody else: onnx.checker accepts it, Python's ONNX Runtime runs it."""

import subprocess

import numpy
import onnx
import onnxruntime
import pytest

import corpus
from bounds import difference
from repository import LAUNCHER

CASES = (
    "model_image_classifier",
    "model_residual",
    "model_seq2seq_lstm",
    "model_transformer_classifier",
    "model_k3.8.0_multi_io_dict_out",
)


@pytest.mark.parametrize("name", CASES)
def test_graph_runs_elsewhere(name, tmp_path):
    case = corpus.load(name)
    archive, graph = tmp_path / "model.keras", tmp_path / "model.onnx"
    archive.write_bytes(case.archive)
    subprocess.run([LAUNCHER, "compile", archive, "-o", graph], check=True, timeout=300)

    onnx.checker.check_model(graph, full_check=True)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    assert sorted(value.name for value in session.get_inputs()) == sorted(case.inputs)
    assert sorted(value.name for value in session.get_outputs()) == sorted(case.outputs)
    answers = session.run(list(case.outputs), case.inputs)
    for (output, keras), answer in zip(case.outputs.items(), answers, strict=True):
        wrong = difference(numpy.asarray(answer), keras, case.output_dtypes[output], case.tolerance)
        assert wrong is None, f"{output}: {wrong}"
