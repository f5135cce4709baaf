"""Where things stand in the repository."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "alphorn"
EXAMPLES = ROOT / "examples"
CORPUS = ROOT / "src/test/resources/conformance/corpus.zip"
