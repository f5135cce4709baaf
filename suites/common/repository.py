"""Where things stand in the repository."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAUNCHER = pathlib.Path(os.environ.get("ALPHORN", ROOT / "alphorn"))  # ALPHORN: another build to hold
EXAMPLES = ROOT / "examples"
CORPUS = ROOT / "src/test/resources/conformance/corpus.zip"
