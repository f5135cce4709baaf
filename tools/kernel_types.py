"""Writes down which element types ONNX Runtime's CPU kernels take, for compiler.passes.KernelTypes.

    pip install onnxruntime==1.29.0
    python tools/kernel_types.py OPERATOR_SET > src/main/resources/io/alphorn/compiler/passes/kernel-types.txt

One line an operator: name, type variables of inputs and outputs (a trailing '*' repeats the last),
and the types that some kernel has for each variable. Read from the runtime's own registry.
"""
import sys

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort

NAMES = {"float": "float32", "double": "float64"}
KERAS = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "bfloat16", "float32", "float64", "string",
}


def keras_name(onnx_type):
    if not onnx_type.startswith("tensor("):
        return None
    name = onnx_type[len("tensor("):-1]
    name = NAMES.get(name, name)
    return name if name in KERAS else None


def variables(parameters):
    names = [p.typeStr if not p.typeStr.startswith("tensor") else "=" + (keras_name(p.typeStr) or "?")
             for p in parameters]
    variadic = parameters and str(parameters[-1].option).endswith("Variadic")
    return ",".join(names) + ("*" if variadic else "")


def main(operator_set):
    kernels, schemas = {}, {}
    for kernel in ort.get_all_opkernel_def():
        first, last = kernel.version_range
        if kernel.provider == "CPUExecutionProvider" and kernel.domain == "" and first <= operator_set <= last:
            types = kernels.setdefault(kernel.op_name, {})
            for variable, names in kernel.type_constraints.items():
                known = types.setdefault(variable, set())
                known.update(name for name in map(keras_name, names) if name)
    for schema in ort.get_all_operator_schema():
        if schema.domain == "" and schema.since_version <= operator_set:
            best = schemas.get(schema.name)
            if best is None or best.since_version < schema.since_version:
                schemas[schema.name] = schema
    print(f"# ONNX Runtime {onnxruntime.__version__}, CPU, operator set {operator_set}; made by tools/kernel_types.py")
    for name in sorted(kernels):
        schema = schemas[name]
        types = ";".join(f"{v}={','.join(sorted(t))}" for v, t in sorted(kernels[name].items()) if t)
        print(name, variables(schema.inputs) or "-", variables(schema.outputs) or "-", types or "-", sep="|")


main(int(sys.argv[1]))
