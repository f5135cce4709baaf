"""Is everything that the chart renders, and everything in deploy/, what Kubernetes takes?"""

import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

import chart
import restricted

# Kinds that others define: their schemas are not Kubernetes'.
CUSTOM = {"ServiceMonitor", "PrometheusRule", "HTTPRoute", "GRPCRoute"}
VERSIONS = ["1.33", "1.37"]  # ImageVolume is older than the older of them

set_names = pytest.mark.parametrize(
    "name", [path.name.removesuffix("-values.yaml") for path in chart.VALUE_SETS]
)


def test_there_are_value_sets_for_the_ways_to_run():
    assert len(chart.VALUE_SETS) >= 6


@set_names
def test_lints(name):
    chart.helm("lint", "--strict", str(chart.CHART), "--values", str(chart.CHART / "ci" / f"{name}-values.yaml"))


@set_names
@pytest.mark.parametrize("version", VERSIONS)
def test_fits_the_schemas(name, version):
    for manifest in chart.value_set(name).manifests:
        validate(manifest, version)


@set_names
def test_every_pod_is_restricted(name):
    for manifest in chart.value_set(name).manifests:
        pod = pod_of(manifest)
        if pod:
            assert restricted.violations(pod) == []
            assert pod["automountServiceAccountToken"] is False
            assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in pod["containers"])


@set_names
def test_selectors_find_the_pods(name):
    rendered = chart.value_set(name)
    labels = rendered.workload()["spec"]["template"]["metadata"]["labels"].items()
    selectors = [rendered.workload()["spec"]["selector"]["matchLabels"]]
    selectors += [service["spec"]["selector"] for service in rendered.all("Service")]
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        field = "podSelector" if kind == "NetworkPolicy" else "selector"
        selectors += [found["spec"][field]["matchLabels"] for found in rendered.all(kind)]
    assert all(selector.items() <= labels for selector in selectors)
    for test in rendered.all("Pod"):
        assert not selectors[0].items() <= test["metadata"]["labels"].items(), "a test's pod gets traffic"


@pytest.mark.parametrize(
    "path", sorted(chart.DEPLOY.rglob("*.yaml")), ids=lambda path: str(path.relative_to(chart.DEPLOY))
)
def test_manifests_of_deploy(path):
    for manifest in yaml.safe_load_all(path.read_text()):
        if isinstance(manifest, dict) and "kind" in manifest and is_of_kubernetes(manifest):
            validate(manifest, VERSIONS[-1])


def test_deploy_is_what_the_chart_renders(tmp_path):
    subprocess.run([chart.DEPLOY / "render", tmp_path], check=True)
    rendered = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert rendered
    for path in rendered:
        assert (chart.DEPLOY / path).read_text() == (tmp_path / path).read_text(), f"run deploy/render: {path}"


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl has kustomize")
def test_the_overlay_builds():
    overlay = chart.DEPLOY / "kustomize" / "overlays" / "production"
    command = ["kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", overlay]
    built = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    manifests = {manifest["kind"]: manifest for manifest in yaml.safe_load_all(built)}
    for manifest in manifests.values():
        validate(manifest, VERSIONS[-1])
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "registry.example.com/alphorn:0.1.0"
    assert pod["containers"][0]["resources"]["limits"] == {"memory": "8Gi"}
    assert manifests["PersistentVolumeClaim"]["spec"]["storageClassName"] == "shared"


def test_plain_manifests_say_no_namespace():
    """So that `kubectl apply --namespace` puts them where it is told."""
    for path in (chart.DEPLOY / "kubernetes").glob("[!v]*.yaml"):
        for manifest in yaml.safe_load_all(path.read_text()):
            assert "namespace" not in (manifest or {}).get("metadata", {})


def test_yaml_is_clean():
    files = [str(path) for path in [*chart.DEPLOY.rglob("*.yaml"), chart.CHART / "values.yaml", *chart.VALUE_SETS]]
    rules = (
        "{extends: default, rules: {line-length: {max: 120}, document-start: disable, braces: {max-spaces-inside: 0},"
        " indentation: {indent-sequences: whatever}, comments: {min-spaces-from-content: 1}}}"
    )
    done = subprocess.run(["yamllint", "--strict", "-d", rules, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def is_of_kubernetes(manifest: dict) -> bool:
    group = manifest["apiVersion"].rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io") and group.split(".")[0] not in ("gateway", "kustomize")


def validate(manifest: dict, version: str) -> None:
    if manifest["kind"] in CUSTOM:
        assert manifest["metadata"]["name"] and manifest["spec"]
    else:
        kubernetes_validate.validate(manifest, version, strict=True)


def pod_of(manifest: dict) -> dict | None:
    if manifest["kind"] == "Pod":
        return manifest["spec"]
    return manifest.get("spec", {}).get("template", {}).get("spec")
