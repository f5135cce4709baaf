"""Clients that ask without a pause, and keep every answer that was not the right one."""

import json
import threading
from collections import Counter

import numpy as np
import requests
import tritonclient.grpc as triton

from repository import EXAMPLES

ROWS = json.loads((EXAMPLES / "requests/wine.json").read_text())["instances"]
EXPECTED = np.asarray(json.loads((EXAMPLES / "requests/wine.expected.json").read_text())["predictions"])
# Most requests are small; a few have work enough to be on when a server is told to stop.
LARGE = 2000


class Load:
    """Two clients for each protocol, one of which asks for many rows at once; use it in a `with` block."""

    def __init__(self, http_port: int, grpc_port: int):
        self.answered: Counter[str] = Counter()
        self.failures: list[str] = []
        self.lock = threading.Lock()
        self.over = threading.Event()
        clients = [(rest, http_port), (grpc, grpc_port)]
        self.threads = [
            threading.Thread(target=self.ask, args=(client.__name__, client(port, copies)))
            for client, port in clients
            for copies in (1, LARGE)
        ]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def ask(self, protocol: str, answers) -> None:
        while not self.over.is_set():
            try:
                answer = np.asarray(next(answers))
                failure = None if np.allclose(answer, EXPECTED, 1e-4, 1e-5) else f"answered {answer}"
            except Exception as error:  # whatever a client may meet is counted
                failure = repr(error)
                self.over.set()  # a generator that failed is over
            with self.lock:
                if failure is None:
                    self.answered[protocol] += 1
                else:
                    self.failures.append(f"{protocol}: {failure}")


def rest(port: int, copies: int):
    session = requests.Session()
    body = json.dumps({"instances": ROWS * copies})
    while True:
        response = session.post(f"http://127.0.0.1:{port}/v1/models/wine:predict", data=body, timeout=60)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code}: {response.text}")
        yield response.json()["predictions"][: len(ROWS)]


def grpc(port: int, copies: int):
    client = triton.InferenceServerClient(f"127.0.0.1:{port}")
    rows = np.asarray(ROWS * copies, np.float32)
    given = triton.InferInput("analysis", rows.shape, "FP32")
    given.set_data_from_numpy(rows)
    while True:
        yield client.infer("wine", [given], client_timeout=60).as_numpy("output_0")[: len(ROWS)]
