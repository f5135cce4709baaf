# shellcheck shell=bash
# What the suites share; a suite's run script sources it. Sets `root` and `suite` (the suite's folder).

set -euo pipefail
suite=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd -P)
root=$(cd "$suite/../.." && pwd -P)

# python_with REQUIREMENT...: makes `python` the one of a virtual environment that has them. Suites with
# the same requirements share one; it is kept for the next run.
python_with() {
  local venv
  venv=$root/.venv/$(printf '%s\n' "$@" | cksum | cut -d ' ' -f 1)
  if [ ! -f "$venv/ready" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" --quiet --disable-pip-version-check install "$@"
    touch "$venv/ready"
  fi
  PATH=$venv/bin:$PATH
}

# Makes `python` one that has suites/requirements.txt: real Keras, ONNX's tools and the clients that people have.
python_with_keras() {
  local requirements
  mapfile -t requirements <"$root/suites/requirements.txt"
  python_with "${requirements[@]}"
  # One asks for the full TensorFlow, though the CPU build has the same modules; the other for an older
  # protobuf than the tools of gRPC, though it runs with a newer one.
  pip --quiet --disable-pip-version-check install --no-deps \
    tensorflow-serving-api==2.21.0 tritonclient==2.73.0 prometheus-client==0.26.0
  export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES='' PYTHONWARNINGS=ignore
}
