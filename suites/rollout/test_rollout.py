"""A rolling restart, as Kubernetes does it, under load: no request fails."""

import contextlib
import signal

from envoy import Envoy
from load import Load
from repository import EXAMPLES
from server import Server

MODELS = EXAMPLES / "models"


def wait_for(load: Load, more: int) -> None:
    """Until each protocol had so many more answers, or one failed."""
    before = dict(load.answered)
    while not load.over.wait(0.05):
        if all(load.answered[protocol] - before.get(protocol, 0) >= more for protocol in ("rest", "grpc")):
            return


def test_no_request_fails(tmp_path):
    with contextlib.ExitStack() as stack:
        replicas = [Server(MODELS, tmp_path / f"{name}.log") for name in ("first", "second")]
        for replica in replicas:
            stack.callback(replica.stop)
        for replica in replicas:
            replica.wait_until_ready()
        envoy = Envoy(replicas, tmp_path)
        stack.callback(envoy.stop)
        for replica in replicas:
            envoy.wait_until_healthy(replica)

        with Load(envoy.http_port, envoy.grpc_port) as load:
            wait_for(load, 50)
            for replica in replicas:
                before = envoy.requests_of(replica)
                assert min(before.values()) > 0, before
                assert replica.restart() == 128 + signal.SIGTERM
                envoy.wait_until_healthy(replica)
                wait_for(load, 50)
                after = envoy.requests_of(replica)
                assert all(after[protocol] > before[protocol] for protocol in before), (before, after)

        assert load.failures == []
        print(dict(load.answered))
