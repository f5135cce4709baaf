"""Every message, field, enum value and method under proto/ is in the original too, and the same.

Those under proto/alphorn are ours, and have no original.

The originals are the descriptors inside the official Python packages, so what is compared is what
clients really send: numbers, types, labels, packing, oneofs, and the types of each method.
"""

import importlib
import pathlib

import grpc_tools
import pytest
from google.protobuf import descriptor_pb2
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).parents[2] / "proto"
WELL_KNOWN = pathlib.Path(grpc_tools.__file__).parent / "_proto"

# Where the Python module of a file is not called as the file is.
MODULES = {
    "onnx/onnx.proto": "onnx.onnx_ml_pb2",
    "inference/grpc_service.proto": "tritonclient.grpc.service_pb2",
    "inference/model_config.proto": "tritonclient.grpc.model_config_pb2",
}


def files():
    paths = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    return [path for path in paths if not path.startswith("alphorn/")]


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    """Our file descriptors by path."""
    out = tmp_path_factory.mktemp("descriptors") / "ours"
    arguments = ["protoc", f"-I{PROTO}", f"-I{WELL_KNOWN}", f"--descriptor_set_out={out}"]
    assert protoc.main(arguments + files()) == 0
    return {file.name: file for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file}


def original(path):
    """The official descriptor of a file."""
    name = MODULES.get(path, path.removesuffix(".proto").replace("/", ".") + "_pb2")
    descriptor = importlib.import_module(name).DESCRIPTOR
    if path == "tensorflow/core/protobuf/error_codes.proto":
        # TensorFlow's own file only forwards to XLA's, which has no module of its own.
        descriptor = descriptor.dependencies[0]
    file = descriptor_pb2.FileDescriptorProto()
    descriptor.CopyToProto(file)
    return file


def facts(file):
    """What a file means on the wire: a name for each fact, and the fact."""
    found = {}

    def enum(descriptor, scope):
        for value in descriptor.value:
            found[f"{scope}.{descriptor.name}.{value.name}"] = value.number

    def message(descriptor, scope):
        name = f"{scope}.{descriptor.name}"
        for field in descriptor.field:
            oneof = descriptor.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None
            found[f"{name}.{field.name}"] = (
                field.number, field.type, field.label, field.type_name, field.options.packed, oneof)
        for nested in descriptor.nested_type:
            message(nested, name)
        for nested in descriptor.enum_type:
            enum(nested, name)

    for descriptor in file.message_type:
        message(descriptor, file.package)
    for descriptor in file.enum_type:
        enum(descriptor, file.package)
    for service in file.service:
        for method in service.method:
            found[f"{file.package}.{service.name}/{method.name}"] = (
                method.input_type, method.output_type, method.client_streaming, method.server_streaming)
    return found


@pytest.mark.parametrize("path", files())
def test_is_the_same_on_the_wire(path, ours):
    mine, theirs = facts(ours[path]), facts(original(path))

    assert mine, "nothing to compare"
    assert mine == {name: theirs.get(name) for name in mine}
    assert methods(mine) == methods(theirs)


def methods(found):
    """The methods of services: a service is whole, also where a method is not served yet."""
    return {name for name in found if "/" in name}
