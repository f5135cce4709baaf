"""Envoy before several replicas: it asks each one's readiness, tries no request twice, and tells what it knows."""

import contextlib
import json
import pathlib
import subprocess
import time

import requests

from server import Server, free_port

LOOPBACK = "127.0.0.1"
# A replica is left at its first answer that it is not ready, and asked again at the first that it is.
EACH = {"interval": "0.25s", "no_traffic_interval": "0.25s", "timeout": "2s", "unhealthy_threshold": 1, "healthy_threshold": 1}
REST_CHECK = {**EACH, "http_health_check": {"path": "/q/health/ready"}}
GRPC_CHECK = {**EACH, "grpc_health_check": {}}
TYPES = "type.googleapis.com/envoy.extensions"
HTTP_2 = {
    f"{TYPES.removeprefix('type.googleapis.com/')}.upstreams.http.v3.HttpProtocolOptions": {
        "@type": f"{TYPES}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
}


def socket_address(port: int) -> dict:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}


def cluster(name: str, ports: list[int], check: dict, protocol: dict) -> dict:
    endpoints = [{"endpoint": {"address": socket_address(port)}} for port in ports]
    return {
        "name": name,
        "type": "STATIC",
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "health_checks": [check],
        "typed_extension_protocol_options": protocol,
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def listener(name: str, port: int) -> dict:
    route = {"match": {"prefix": "/"}, "route": {"cluster": name, "timeout": "60s"}}
    manager = {
        "@type": f"{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "route_config": {"virtual_hosts": [{"name": name, "domains": ["*"], "routes": [route]}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{TYPES}.filters.http.router.v3.Router"},
            }
        ],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {"name": name, "address": socket_address(port), "filter_chains": [{"filters": filters}]}


class Envoy:
    def __init__(self, replicas: list[Server], folder: pathlib.Path):
        self.http_port, self.grpc_port, self.admin_port = free_port(), free_port(), free_port()
        self.log = folder / "envoy.log"
        resources = {
            "listeners": [listener("rest", self.http_port), listener("grpc", self.grpc_port)],
            "clusters": [
                cluster("rest", [replica.http_port for replica in replicas], REST_CHECK, {}),
                cluster("grpc", [replica.grpc_port for replica in replicas], GRPC_CHECK, HTTP_2),
            ],
        }
        config = folder / "envoy.json"
        config.write_text(
            json.dumps({"admin": {"address": socket_address(self.admin_port)}, "static_resources": resources})
        )
        command = ["envoy", "--config-path", str(config), "--concurrency", "1", "--log-level", "warning"]
        command += ["--disable-hot-restart"]
        self.process = subprocess.Popen(command, stdout=self.log.open("wb"), stderr=subprocess.STDOUT)

    def hosts(self) -> dict[int, dict]:
        """What is known of each replica, by its port."""
        answer = requests.get(f"http://{LOOPBACK}:{self.admin_port}/clusters?format=json", timeout=10).json()
        return {
            host["address"]["socket_address"]["port_value"]: host
            for one in answer["cluster_statuses"]
            for host in one.get("host_statuses", [])
        }

    def healthy(self, ports: set[int]) -> bool:
        hosts = self.hosts()
        return all("failed_active_health_check" not in hosts[port]["health_status"] for port in ports)

    def wait_until_healthy(self, replica: Server) -> None:
        """Until requests go to the replica again, over both protocols."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.ConnectionError, KeyError):
                if self.healthy({replica.http_port, replica.grpc_port}):
                    return
            time.sleep(0.1)
        raise RuntimeError(f"Envoy sends nothing to {replica.address}:\n{self.log.read_text()}")

    def requests_of(self, replica: Server) -> dict[str, int]:
        """How many requests the replica was sent, by protocol."""
        hosts = self.hosts()
        ports = {"rest": replica.http_port, "grpc": replica.grpc_port}
        return {name: count(hosts[port], "rq_total") for name, port in ports.items()}

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)


def count(host: dict, name: str) -> int:
    return next(int(stat.get("value", 0)) for stat in host["stats"] if stat["name"] == name)
