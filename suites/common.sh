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
  # It asks for the full TensorFlow; the CPU build has the same modules.
  pip --quiet --disable-pip-version-check install --no-deps tensorflow-serving-api==2.21.0
  export TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES='' PYTHONWARNINGS=ignore
}

# start_server [OPTION...]: starts `alphorn serve` on free ports and waits until it is ready. Sets
# `server` (its process), HTTP_PORT and GRPC_PORT; the server is stopped when the suite ends.
start_server() {
  local log deadline
  mkdir -p "$root/target/suites"
  log=$root/target/suites/$(basename "$suite").log
  read -r HTTP_PORT GRPC_PORT < <(free_ports)
  export HTTP_PORT GRPC_PORT
  "$root/alphorn" serve --http-port "$HTTP_PORT" --grpc-port "$GRPC_PORT" "$@" >"$log" 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" || true' EXIT
  deadline=$((SECONDS + 300))
  until curl --silent --fail --output /dev/null "http://localhost:$HTTP_PORT/q/health/ready"; do
    if ! kill -0 "$server" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      cat "$log" >&2
      echo "the server did not become ready" >&2
      exit 1
    fi
    sleep 0.2
  done
}

# Two ports that nothing listens on, both held until both are known.
free_ports() {
  python3 -c '
import socket
held = [socket.create_server(("localhost", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in held))'
}
