"""Requests drawn from the published OpenAPI document get no error of the server and no answer outside the document.

open_inference_rest.yaml is specification/protocol/open_inference_rest.yaml of kserve/open-inference-protocol.
"""

import os
import pathlib
import subprocess

from repository import EXAMPLES
from server import serving

FOLDER = pathlib.Path(__file__).parent


def test_published_document(tmp_path):
    # The document writes ${MODEL_NAME}, of which OpenAPI would take the dollar for a part of the path.
    document = tmp_path / "document.yaml"
    document.write_text((FOLDER / "open_inference_rest.yaml").read_text().replace("${", "{"))
    seconds = os.environ.get("SECONDS_OF_REQUESTS", "30")
    with serving(EXAMPLES / "models", tmp_path / "log.txt") as server:
        done = subprocess.run(
            ["st", "run", document, "--url", server.address, "--phases", "fuzzing", "--max-examples", "1000000"]
            + ["--max-time", seconds, "--checks", "not_a_server_error,response_schema_conformance", "--no-color"],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(FOLDER)},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No test cases" not in done.stdout
