"""Archives that went wrong on their way, made from a good one."""

import io
import json
import zipfile


def edit(archive: bytes, **members: bytes | None) -> bytes:
    """The archive with some members replaced (None: left out), named by what stands before the first dot."""
    edited = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(edited, "w") as target:
        for member in source.namelist():
            content = members.get(member.split(".")[0], source.read(member))
            if content is not None:
                target.writestr(member, content)
    return edited.getvalue()


def config_of(archive: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        return json.loads(members.read("config.json"))


def weights_of(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        return members.read("model.weights.h5")


def with_layers(archive: bytes, change) -> bytes:
    """The archive after `change` was called with each layer's entry in config.json."""
    config = config_of(archive)
    for layer in config["config"]["layers"]:
        change(layer)
    return edit(archive, config=json.dumps(config).encode())


def with_unknown_layers(archive: bytes) -> bytes:
    """Both convolutions become a class that Keras does not have."""

    def replace(layer: dict) -> None:
        if layer["class_name"] == "Conv2D":
            layer.update(class_name="Whirl", module="our.layers", registered_name="ours>Whirl")

    return with_layers(archive, replace)


def with_wider_dense(archive: bytes) -> bytes:
    """The last layer asks for 11 units; the weights hold 10."""

    def widen(layer: dict) -> None:
        if layer["class_name"] == "Dense":
            layer["config"]["units"] = 11

    return with_layers(archive, widen)


def foreign_zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as target:
        target.writestr("word/document.xml", "<document/>")
    return written.getvalue()
