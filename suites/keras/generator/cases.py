"""Makes cases out of recipes and writes them in the layout of the conformance corpus."""

import collections
import dataclasses
import json
import pathlib

import keras
import numpy
import tensorflow

import families  # noqa: F401  registers the recipes
from draw import Draw
from recipes import RECIPES, SHARES

ATTEMPTS = 20


@dataclasses.dataclass
class Made:
    """What became of the seeds: the manifest's entries, and for each recipe why draws of it were dropped."""

    entries: list[dict] = dataclasses.field(default_factory=list)
    dropped: dict[str, list[str]] = dataclasses.field(default_factory=lambda: collections.defaultdict(list))


def schedule(only: str | None) -> list[str]:
    """The recipes in turn, each as often as its share; a seed's place in this list decides its recipe."""
    if only:
        return [only]
    return spread([name for name in RECIPES for _ in range(SHARES[name])])


def spread(names: list[str]) -> list[str]:
    """An order in which a recipe's turns lie far apart and neighbours come from different families."""
    counts, turns = collections.Counter(names), []
    for name, count in counts.items():
        turns += [((turn + offset(name)) / count, name) for turn in range(count)]
    return [name for _, name in sorted(turns)]


def offset(name: str) -> float:
    return numpy.random.default_rng(list(name.encode())).random()


def make(seeds: range, folder: pathlib.Path, only: str | None = None) -> Made:
    """One case for each seed. A seed whose draws Keras itself cannot build, run, save or load makes none."""
    folder.mkdir(parents=True, exist_ok=True)
    turns, made = schedule(only), Made()
    for seed in seeds:
        name = turns[seed % len(turns)]
        entry = make_case(name, seed, folder, made.dropped[name])
        if entry:
            made.entries.append(entry)
    (folder / "manifest.json").write_text(json.dumps(made.entries, indent=1))
    return made


def make_case(name: str, seed: int, folder: pathlib.Path, dropped: list[str]) -> dict | None:
    for attempt in range(ATTEMPTS):
        # Only what Keras itself refuses is drawn again: an argument that it does not allow, a kernel that TensorFlow
        # lacks on a CPU, an archive that it cannot load back.
        try:
            return write_case(f"{name}_{seed}", RECIPES[name], Draw(f"{name}/{seed}/{attempt}"), folder)
        except Exception as refusal:
            reason = " ".join(str(refusal).split())[:300]
            dropped.append(f"seed {seed}, attempt {attempt}: {type(refusal).__name__}: {reason}")
    return None


def write_case(case: str, recipe, draw: Draw, folder: pathlib.Path) -> dict:
    keras.utils.clear_session(free_memory=False)
    made = recipe(draw)
    if isinstance(made, keras.Model):
        model = made
    else:
        model = keras.Model(draw.inputs if len(draw.inputs) > 1 else draw.inputs[0], made)
        draw.weights_of(model)
    archive, data = folder / f"{case}.keras", folder / f"{case}.npz"
    model.save(archive)

    keras.utils.clear_session(free_memory=False)
    loaded = keras.saving.load_model(archive, compile=False)
    feeds = [tensorflow.constant(feed) for feed in draw.feeds]
    answer = loaded(feeds if len(feeds) > 1 else feeds[0], training=False)
    outputs = keras.tree.flatten(answer)
    arrays = {f"in{index}": portable(feed) for index, feed in enumerate(draw.feeds)}
    arrays |= {f"out{index}": portable(numpy.asarray(output)) for index, output in enumerate(outputs)}
    numpy.savez(data, **arrays)
    return {
        "case": case,
        "archive": archive.name,
        "data": data.name,
        "layer_class": case.rsplit("_", 1)[0],
        "classes": sorted({type(operation).__name__ for operation in loaded.operations}) if hasattr(loaded, "operations") else [],
        "inputs": [
            {
                "key": f"in{index}",
                "name": tensor.name,
                "shape": list(tensor.shape),
                "dtype": keras.backend.standardize_dtype(tensor.dtype),
                "fed": list(feed.shape),
            }
            for index, (tensor, feed) in enumerate(zip(draw.inputs, draw.feeds, strict=True))
        ],
        "outputs": [
            {"key": f"out{index}", "shape": list(output.shape), "dtype": keras.backend.standardize_dtype(output.dtype)}
            for index, output in enumerate(outputs)
        ],
        "output_structure": keras.tree.map_structure(lambda _: "T", answer),
        "model_class": type(loaded).__name__,
        "deterministic": True,
        "keras": keras.__version__,
    }


def portable(array: numpy.ndarray) -> numpy.ndarray:
    """bfloat16 stands as float32 in an npz, and a string as unicode."""
    if array.dtype == object:
        return numpy.vectorize(lambda text: text.decode() if isinstance(text, bytes) else text, otypes=[str])(array)
    return array.astype("float32") if array.dtype.name == "bfloat16" else array
