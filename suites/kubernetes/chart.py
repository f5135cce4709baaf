"""The chart, rendered."""

import dataclasses
import functools
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "alphorn"
DEPLOY = ROOT / "deploy"
VALUE_SETS = sorted(CHART.glob("ci/*-values.yaml"))
RELEASE = "models"
KUBERNETES = "1.37.0"

Manifest = dict


class RenderError(Exception):
    """What helm says when it refuses."""


@dataclasses.dataclass(frozen=True)
class Rendered:
    manifests: list[Manifest]

    def all(self, kind: str) -> list[Manifest]:
        return [manifest for manifest in self.manifests if manifest["kind"] == kind]

    def one(self, kind: str) -> Manifest:
        found = self.all(kind)
        assert len(found) == 1, f"expected one {kind}, found {len(found)}"
        return found[0]

    def workload(self) -> Manifest:
        return self.one("StatefulSet") if self.all("StatefulSet") else self.one("Deployment")

    def pod(self) -> Manifest:
        return self.workload()["spec"]["template"]["spec"]

    def container(self) -> Manifest:
        return self.pod()["containers"][0]

    def environment(self) -> dict[str, str | None]:
        return {entry["name"]: entry.get("value") for entry in self.container()["env"]}


def helm(*arguments: str) -> str:
    done = subprocess.run(["helm", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RenderError(done.stdout + done.stderr)
    return done.stdout


@functools.cache
def render(*options: str) -> Rendered:
    """The manifests that helm makes with `options`, hooks among them."""
    text = helm("template", RELEASE, str(CHART), "--kube-version", KUBERNETES, "--namespace", "serving", *options)
    return Rendered([manifest for manifest in yaml.safe_load_all(text) if manifest])


def with_values(*assignments: str) -> Rendered:
    """Rendered with `--set` for each of `assignments`."""
    return render(*(part for assignment in assignments for part in ("--set", assignment)))


def value_set(name: str) -> Rendered:
    return render("--values", str(CHART / "ci" / f"{name}-values.yaml"))
