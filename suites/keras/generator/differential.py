"""Random models, made by real Keras, against Alphorn.

    differential.py --seeds 0:400                     a run: make cases, answer them, compare
    differential.py --seeds 0:200 --only recurrent_GRU    one recipe alone
    differential.py --cases DIR                       cases that were made before

A seed makes the same case each time. Every case whose answer differs from Keras's is kept in --keep, a folder in the
layout of the conformance corpus. The exit status is 1 when an answer is wrong, or when a case was refused and
--refusals-allowed is not given.
"""

import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import numpy

from bounds import difference
from repository import LAUNCHER, ROOT

KEPT = ROOT / "target/differential"
REASONS_SHOWN = 20


def main() -> int:
    options = parse()
    with tempfile.TemporaryDirectory() as scratch:
        cases, answers = options.cases or pathlib.Path(scratch, "cases"), pathlib.Path(scratch, "answers")
        if options.cases is None:
            make(options.seeds, cases, options.only, options.verbose)
        start = time.monotonic()
        # It exits with 1 when a case was refused, which its report tells; without a report it failed altogether.
        status = subprocess.run([LAUNCHER, "predict", "--cases", cases, "--out", answers], cwd=ROOT, check=False).returncode
        if not (answers / "report.json").exists():
            sys.exit(f"`alphorn predict --cases` ended with {status} and left no report")
        print(f"answered in {time.monotonic() - start:.0f} s")
        wrong, refused = judge(cases, answers)
        keep(cases, {**wrong, **refused}, options.keep)
    return 1 if wrong or (refused and not options.refusals_allowed) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=seed_range, default=range(400), metavar="A:B", help="from A up to, not including, B")
    parser.add_argument("--only", metavar="RECIPE", help="give every seed to one recipe")
    parser.add_argument("--cases", type=pathlib.Path, metavar="DIR", help="compare the cases of this folder; make none")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", default=KEPT, help="where failures are kept")
    parser.add_argument("--refusals-allowed", action="store_true", help="only wrong answers fail the run")
    parser.add_argument("--verbose", action="store_true", help="say which draws Keras itself refused")
    return parser.parse_args()


def seed_range(text: str) -> range:
    first, _, last = text.partition(":")
    return range(int(first), int(last) if last else int(first) + 1)


def make(seeds: range, folder: pathlib.Path, only: str | None, verbose: bool) -> None:
    import cases  # here, since comparing needs no TensorFlow and importing it takes seconds

    start = time.monotonic()
    made = cases.make(seeds, folder, only)
    print(f"{len(made.entries)} cases made of {len(seeds)} seeds in {time.monotonic() - start:.0f} s")
    for name, reasons in sorted(made.dropped.items()):
        if reasons and verbose:
            print(f"Keras refused {len(reasons)} draws of {name}, the last: {reasons[-1]}")


def judge(cases: pathlib.Path, answers: pathlib.Path) -> tuple[dict[str, str], dict[str, str]]:
    """The cases answered wrongly and those not answered, each with the reason."""
    report = {entry["case"]: entry for entry in json.loads((answers / "report.json").read_text())}
    entries = json.loads((cases / "manifest.json").read_text())
    wrong, refused = {}, {}
    for entry in entries:
        name = entry["case"]
        if report[name]["status"] != "ok":
            refused[name] = report[name]["error"]
        elif reason := compare(entry, cases, answers):
            wrong[name] = reason
    print(f"{len(entries) - len(wrong) - len(refused)} of {len(entries)} as Keras, {len(wrong)} wrong, {len(refused)} refused")
    reasons = by_reason(refused)
    for reason in list(reasons)[:REASONS_SHOWN]:
        names = reasons[reason]
        print(f"  refused: {reason}  ({len(names)}: {', '.join(names[:3])}{', …' if len(names) > 3 else ''})")
    if len(reasons) > REASONS_SHOWN:
        print(f"  refused: for {len(reasons) - REASONS_SHOWN} more reasons")
    for name, reason in wrong.items():
        print(f"  wrong: {name}: {reason}")
    return wrong, refused


def compare(entry: dict, cases: pathlib.Path, answers: pathlib.Path) -> str | None:
    with numpy.load(cases / entry["data"]) as keras, numpy.load(answers / f"{entry['case']}.npz") as answer:
        for output in entry["outputs"]:
            key = output["key"]
            if key not in answer:
                return f"there is no {key}"
            if reason := difference(answer[key], keras[key], output["dtype"], entry.get("tol")):
                return f"{key} ({output['dtype']}): {reason}"
    return None


def by_reason(refused: dict[str, str]) -> dict[str, list[str]]:
    reasons = collections.defaultdict(list)
    for name, reason in refused.items():
        reasons[reason].append(name)
    return dict(sorted(reasons.items(), key=lambda item: -len(item[1])))


def keep(cases: pathlib.Path, failures: dict[str, str], folder: pathlib.Path) -> None:
    """Adds the failures to those that are kept already."""
    if not failures or cases.resolve() == folder.resolve():
        return
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.json"
    kept = {entry["case"]: entry for entry in json.loads(manifest.read_text())} if manifest.exists() else {}
    for entry in json.loads((cases / "manifest.json").read_text()):
        if entry["case"] in failures:
            shutil.copy(cases / entry["archive"], folder)
            shutil.copy(cases / entry["data"], folder)
            kept[entry["case"]] = entry
    manifest.write_text(json.dumps(list(kept.values()), indent=1))
    print(f"kept in {folder}: ./alphorn predict --cases {folder} --out OUT")


if __name__ == "__main__":
    sys.exit(main())
