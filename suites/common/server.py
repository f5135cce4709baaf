"""A real server, started as a user starts it."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time

import requests

from repository import LAUNCHER, ROOT

SECONDS_TO_START = 300  # the launcher may have to build first


class Server:
    """`./alphorn serve` on free ports, over a folder of models."""

    def __init__(self, models: pathlib.Path, log: pathlib.Path, *options: str):
        self.http_port, self.grpc_port = free_port(), free_port()
        self.log = log
        self.command = [str(LAUNCHER), "serve", "--models", str(models)]
        self.command += ["--http-port", str(self.http_port), "--grpc-port", str(self.grpc_port), *options]
        self.process = self.start()

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self.command, cwd=ROOT, stdout=self.log.open("ab"), stderr=subprocess.STDOUT, start_new_session=True
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def grpc_address(self) -> str:
        return f"127.0.0.1:{self.grpc_port}"

    def url(self, path: str) -> str:
        """The address of `path` below the models: "NAME:predict", "NAME/versions/2"."""
        return f"{self.address}/v1/models/{path}"

    def predict(self, model: str, body: dict) -> requests.Response:
        return requests.post(self.url(f"{model}:predict"), json=body, timeout=60)

    def upload(self, model: str, archive: bytes) -> requests.Response:
        headers = {"Content-Type": "application/octet-stream"}
        return requests.post(self.url(model), data=archive, headers=headers, timeout=300)

    def delete(self, path: str) -> requests.Response:
        return requests.delete(self.url(path), timeout=60)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log.read_text()}")
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.address}/q/health/ready", timeout=10).status_code == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"the server was not ready within {SECONDS_TO_START} s:\n{self.log.read_text()}")

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=60)

    def restart(self) -> int:
        """Stops the server as an orchestrator does, starts it again on the same ports, and returns its exit code."""
        self.stop()
        exit_code = self.process.returncode
        self.process = self.start()
        self.wait_until_ready()
        return exit_code

    def peak_memory(self) -> int:
        """The most memory that the server process ever held, in bytes (Linux's VmHWM)."""
        return self.status("VmHWM")

    def memory(self) -> int:
        """The memory that the server process holds now, in bytes (Linux's VmRSS)."""
        return self.status("VmRSS")

    def status(self, field: str) -> int:
        for line in (pathlib.Path("/proc") / str(self.java_process()) / "status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("the kernel does not report " + field)

    def java_process(self) -> int:
        """The launcher's process, which becomes Java, or its child of that name."""
        processes = [self.process.pid, *children(self.process.pid)]
        return next(pid for pid in processes if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "java")


def children(pid: int) -> list[int]:
    direct = [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return direct + [grandchild for child in direct for grandchild in children(child)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def serving(models: pathlib.Path, log: pathlib.Path, *options: str):
    """A ready server for the length of a `with` block."""
    server = Server(models, log, *options)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
