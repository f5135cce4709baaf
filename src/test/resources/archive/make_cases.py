"""Makes the HDF5 and NumPy files of this folder, with what h5py reads from them.

    python make_cases.py        needs h5py 3.14, numpy 2 and ml_dtypes

readable/*.h5 and readable/*.npz are to be read; expected.json says what h5py and
NumPy read from each array: dtype, shape and the elements as little-endian hex, or texts.
refused/* are to be refused. zip64.keras is an archive in zip's form for large files.
"""

import json
import pathlib
import zipfile

import h5py
import ml_dtypes
import numpy as np

HERE = pathlib.Path(__file__).parent
READABLE = HERE / "readable"
REFUSED = HERE / "refused"
RANDOM = np.random.default_rng(7)


def write_types():
    with h5py.File(READABLE / "types.h5", "w") as f:
        for name in "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split():
            info = np.iinfo(name)
            f[name] = np.array([info.min, 0, info.max], name)
        for name in "float16 float32 float64".split():
            f[name] = np.array([[-0.0, 1.5], [np.inf, np.nan]], name)
        for name in "int32 float32 float64 uint16".split():
            big_endian = np.dtype(name).newbyteorder(">")
            f["big_endian/" + name] = np.arange(6).reshape(2, 3).astype(big_endian)
        f["bool"] = np.array([True, False, True])
        f["bfloat16"] = np.array([1.0, -2.5, 3.14], ml_dtypes.bfloat16)
        f["bfloat16"].attrs["dtype"] = "bfloat16"
        f["scalar"] = np.int64(42)
        f["empty"] = np.zeros((0, 3), "float32")
        f["null"] = h5py.Empty("float32")
        f["fixed_text"] = np.array([b"horn", b"\xc3\xa4", b""], "S5")
        f["variable_text"] = np.array(["horn", "Ä" * 300, ""], h5py.string_dtype())
        f["scalar_text"] = "alp"
        f.create_group("empty_group")
        f.attrs["text"] = "root"


def write_layouts():
    with h5py.File(READABLE / "layouts.h5", "w") as f:
        values = RANDOM.normal(size=(7, 5, 3)).astype("float32")
        counts = RANDOM.integers(0, 9, size=(100, 30))
        gzip = {"compression": "gzip"}
        f.create_dataset("gzip", data=values, chunks=(3, 2, 3), **gzip)
        f.create_dataset("shuffled", data=counts, chunks=(64, 7), shuffle=True, **gzip)
        f.create_dataset("all", data=counts, chunks=(64, 7), shuffle=True, fletcher32=True, **gzip)
        f.create_dataset("checked", data=values, chunks=(7, 5, 3), fletcher32=True)
        f.create_dataset("plain", data=values, chunks=(2, 2, 2))
        f.create_dataset("larger_chunk", data=values[:1], chunks=(4, 8, 4), maxshape=(None,) * 3)
        f.create_dataset("many_chunks", data=np.arange(3000, dtype="int16"), chunks=(20,), **gzip)
        space = h5py.h5s.create_simple((4,))
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, properties)
        f["compact"][:] = [1, 2, 3, 4]


def write_groups():
    with h5py.File(READABLE / "many_groups.h5", "w") as f:
        for i in range(400):
            f[f"vars/{i}"] = np.float32(i)
        for i in range(40):
            f.create_group(f"layers/dense_{i}")


def write_newer_format():
    with h5py.File(READABLE / "newer.h5", "w", libver="v108") as f:
        f["layers/dense/vars/0"] = np.arange(4, dtype="float32")
        f["layers/dense/vars"].attrs["name"] = "dense"
        values = np.arange(64).reshape(8, 8)
        f.create_dataset("gzip", data=values, chunks=(3, 8), compression="gzip")
    with h5py.File(READABLE / "newest.h5", "w", libver="latest") as f:
        f["layers/dense/vars/0"] = np.arange(4, dtype="float32")
        f.create_dataset("one_chunk", data=np.arange(8), chunks=(8,), compression="gzip")
        f.create_dataset("one_plain_chunk", data=np.arange(8), chunks=(8,))
    with h5py.File(READABLE / "ordered.h5", "w", track_order=True) as f:
        for name in "zyx":
            f[name] = np.float32(ord(name))
    with h5py.File(READABLE / "user_block.h5", "w", userblock_size=1024) as f:
        f["a"] = np.arange(4, dtype="float32")


def write_legacy():
    """Like keras/src/legacy/saving/legacy_h5_format.py, with names beyond 64 KiB."""
    names = [f"layer_{i}_" + "n" * 1500 for i in range(45)]
    with h5py.File(READABLE / "legacy_weights.h5", "w") as f:
        encoded = np.asarray([name.encode() for name in names])
        for part, chunk in enumerate(np.array_split(encoded, 2)):
            f.attrs[f"layer_names{part}"] = chunk
        for i, name in enumerate(names):
            group = f.create_group(name)
            group.attrs["weight_names"] = np.asarray([b"b:0", b"a:0"] if i == 0 else [])
        f[names[0]]["a:0"] = np.float32(1)
        f[names[0]]["b:0"] = np.float32(2)


def write_numpy():
    kernel = np.arange(6, dtype="float32").reshape(2, 3)
    np.savez(READABLE / "stored.npz", **{"layers/dense/vars/0": kernel, "flag": np.array(True)})
    np.savez_compressed(READABLE / "compressed.npz", **{"vars/0": np.zeros((50, 50), "float64")})
    np.savez(REFUSED / "objects.npz", **{"vars": np.array({"0": 1}, dtype=object)})
    np.savez(REFUSED / "fortran.npz", **{"vars/0": np.asfortranarray(np.ones((2, 3)))})
    np.savez(REFUSED / "structured.npz", **{"vars/0": np.zeros(2, [("a", "f4"), ("b", "i4")])})


def write_zip64():
    """A .keras archive whose numbers all stand in the fields for archives beyond 4 GiB."""
    zipfile.ZIP64_LIMIT = 0
    with zipfile.ZipFile(HERE / "zip64.keras", "w", compression=zipfile.ZIP_STORED) as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", '{"class_name": "Sequential", "config": {}}')
        archive.write(READABLE / "ordered.h5", "model.weights.h5")


def write_refused():
    def refused(name, **options):
        return h5py.File(REFUSED / name, "w", **options)

    with refused("soft_link.h5") as f:
        f["a"] = np.float32(1)
        f["b"] = h5py.SoftLink("/a")
    with refused("soft_link_newer.h5", libver="v108") as f:
        f["b"] = h5py.SoftLink("/a")
    with refused("external_link.h5") as f:
        f["b"] = h5py.ExternalLink("/etc/passwd", "/a")
    with refused("external_data.h5") as f:
        f.create_dataset("a", (4,), "uint8", external=[("/etc/hostname", 0, 4)])
    with refused("virtual.h5") as f:
        layout = h5py.VirtualLayout((4,), "uint8")
        layout[:] = h5py.VirtualSource("other.h5", "a", (4,))
        f.create_virtual_dataset("a", layout)
    with refused("cycle.h5") as f:
        f.create_group("layers/dense")
        f["layers/dense/back"] = f["layers"]
    with refused("two_names.h5") as f:
        f["a"] = np.float32(1)
        f["b"] = f["a"]
    with refused("shape_bomb.h5") as f:
        f.create_dataset("a", (1 << 40,), "float32")
    with refused("chunk_bomb.h5") as f:
        f.create_dataset("a", (1 << 40,), "float32", chunks=(1 << 20,), compression="gzip")
    with refused("overflow.h5") as f:
        f.create_dataset("a", (1 << 40, 1 << 40), "float32", chunks=(1, 1))
    with refused("other_filter.h5") as f:
        f.create_dataset("a", data=np.arange(64), chunks=(64,), compression="lzf")
    with refused("dense_links.h5", libver="v108") as f:
        for i in range(20):
            f[str(i)] = np.float32(i)
    with refused("dense_attributes.h5", libver="v108") as f:
        for i in range(20):
            f.attrs[str(i)] = i
    with refused("committed_type.h5") as f:
        f["t"] = np.dtype("float32")
        f.create_dataset("a", (2,), f["t"])
    with refused("missing_weight.h5") as f:
        f.attrs["layer_names"] = [b"dense"]
        f.create_group("dense").attrs["weight_names"] = [b"kernel:0"]
    (REFUSED / "text.h5").write_text("not HDF5 at all")


def expected():
    files = {}
    for path in sorted(READABLE.glob("*.h5")):
        with h5py.File(path) as f:
            arrays = files[path.name] = {}
            f.visititems(lambda name, item: describe(arrays, name, item))
    for path in sorted(READABLE.glob("*.npz")):
        with np.load(path) as f:
            files[path.name] = {name: numbers(f[name], str(f[name].dtype)) for name in f.files}
    return files


def describe(arrays, name, item):
    if not isinstance(item, h5py.Dataset):
        return
    if item.shape is None:
        arrays[name] = {"dtype": str(item.dtype), "shape": [0], "hex": ""}
    elif h5py.check_string_dtype(item.dtype):
        texts = np.atleast_1d(item[()]).ravel().tolist()
        texts = [text.decode() for text in texts]
        arrays[name] = {"dtype": "string", "shape": item.shape, "texts": texts}
    else:
        arrays[name] = numbers(item[()], item.attrs.get("dtype", str(item.dtype.newbyteorder("="))))


def numbers(array, dtype):
    little = np.asarray(array)
    little = little.astype(little.dtype.newbyteorder("<"))
    return {"dtype": dtype, "shape": little.shape, "hex": little.tobytes().hex()}


def as_lines(files):
    """JSON with one array a line."""
    arrays = [
        json.dumps({"file": file, "path": path, **array}, ensure_ascii=False)
        for file, paths in files.items()
        for path, array in paths.items()
    ]
    return "[\n" + ",\n".join(arrays) + "\n]\n"


def main():
    for folder in (READABLE, REFUSED):
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    write_types()
    write_layouts()
    write_groups()
    write_newer_format()
    write_legacy()
    write_numpy()
    write_refused()
    write_zip64()
    (HERE / "expected.json").write_text(as_lines(expected()), encoding="utf-8")


if __name__ == "__main__":
    main()
