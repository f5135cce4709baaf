"""Does the chart do what its values say?"""

import json
import re
import shutil

import pytest
import yaml

import chart
from chart import RenderError, render, value_set, with_values


def test_defaults_make_one_replica_on_a_volume_of_its_own():
    rendered = render()
    kinds = sorted(manifest["kind"] for manifest in rendered.manifests)
    assert kinds == ["Deployment", "NetworkPolicy", "PersistentVolumeClaim", "Pod", "Service", "ServiceAccount"]
    assert rendered.workload()["spec"]["replicas"] == 1
    assert rendered.one("PersistentVolumeClaim")["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert rendered.one("PersistentVolumeClaim")["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


class TestDrain:
    def test_lasts_longer_than_the_longest_request(self):
        rendered = value_set("tuned")
        environment = rendered.environment()
        delay, timeout = seconds(environment["ALPHORN_DRAIN_DELAY"]), seconds(environment["ALPHORN_DRAIN_TIMEOUT"])
        loading = seconds(environment["ALPHORN_STOP_TIMEOUT"])
        assert timeout > seconds(environment["ALPHORN_API_TIMEOUT"]) == 120
        assert rendered.pod()["terminationGracePeriodSeconds"] > delay + timeout + loading

    def test_delay_covers_the_probes_that_notice(self):
        probe = render().container()["readinessProbe"]
        delay = seconds(render().environment()["ALPHORN_DRAIN_DELAY"])
        assert delay >= probe["periodSeconds"] * probe["failureThreshold"]


class TestProbes:
    def test_life_and_readiness_are_asked_apart(self):
        container = render().container()
        assert container["readinessProbe"]["httpGet"]["path"] == "/q/health/ready"
        assert container["livenessProbe"]["httpGet"]["path"] == "/q/health/live"
        assert container["startupProbe"]["httpGet"]["path"] == "/q/health/live"

    def test_a_pause_does_not_kill(self):
        probe = render().container()["livenessProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] >= 60


class TestRollout:
    def test_a_volume_for_one_pod_lets_the_old_one_go_first(self):
        assert render().workload()["spec"]["strategy"] == {"type": "Recreate"}

    def test_otherwise_the_new_one_comes_first(self):
        strategy = value_set("several").workload()["spec"]["strategy"]
        assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}

    def test_replicas_are_the_autoscalers_where_there_is_one(self):
        assert "replicas" not in value_set("autoscaled").workload()["spec"]


class TestModels:
    @pytest.mark.parametrize("mode", ["ReadWriteOnce", "ReadWriteOncePod"])
    def test_several_replicas_cannot_have_a_volume_for_one(self, mode):
        with pytest.raises(RenderError, match="lets one replica only use the volume"):
            with_values("replicas=2", f"models.claim.accessMode={mode}")

    def test_an_existing_claim_is_taken(self):
        rendered = value_set("autoscaled")
        assert not rendered.all("PersistentVolumeClaim")
        assert volume(rendered)["persistentVolumeClaim"] == {"claimName": "shared-models", "readOnly": True}

    def test_each_replica_can_have_its_own(self):
        rendered = value_set("stateful")
        spec = rendered.one("StatefulSet")["spec"]
        assert spec["volumeClaimTemplates"][0]["metadata"]["name"] == "models"
        assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Retain"}
        headless = next(service for service in rendered.all("Service") if service["spec"].get("clusterIP") == "None")
        assert headless["metadata"]["name"] == spec["serviceName"]
        assert not rendered.all("Deployment")

    def test_an_image_can_hold_them(self):
        rendered = value_set("image")
        assert volume(rendered)["image"]["reference"].startswith("registry.example.com/models@sha256:")
        mount = mounts(rendered)["/models"]
        assert mount["readOnly"] and mount["subPath"] == "models"

    def test_an_image_has_to_be_named(self):
        with pytest.raises(RenderError, match=r"models\.image\.reference"):
            with_values("models.source=image")

    def test_read_only(self):
        assert mounts(with_values("models.readOnly=true"))["/models"]["readOnly"]
        assert "readOnly" not in mounts(render())["/models"]


class TestScaling:
    def test_on_cpu_and_on_what_waits(self):
        scaler = value_set("autoscaled").one("HorizontalPodAutoscaler")["spec"]
        assert scaler["scaleTargetRef"]["kind"] == "Deployment"
        assert [metric["type"] for metric in scaler["metrics"]] == ["Resource", "Pods"]
        assert scaler["metrics"][1]["pods"]["metric"]["name"] == "alphorn_queue_depth"
        assert scaler["metrics"][1]["pods"]["target"] == {"type": "AverageValue", "averageValue": "8"}

    def test_needs_a_target(self):
        with pytest.raises(RenderError, match="autoscaling needs a target"):
            with_values("models.source=empty", "autoscaling.enabled=true", "autoscaling.cpu=0")

    def test_a_lone_replica_blocks_no_drain(self):
        assert not render().all("PodDisruptionBudget")
        assert value_set("several").one("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
        assert value_set("autoscaled").one("PodDisruptionBudget")["spec"]["maxUnavailable"] == "25%"

    def test_replicas_spread_over_zones_and_nodes(self):
        for name, label in (("several", "pod-template-hash"), ("stateful", "controller-revision-hash")):
            constraints = value_set(name).pod()["topologySpreadConstraints"]
            keys = [constraint["topologyKey"] for constraint in constraints]
            assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
            assert all(constraint["matchLabelKeys"] == [label] for constraint in constraints)


class TestNetwork:
    def test_ports_are_those_of_the_server(self):
        ports = {port["name"]: port for port in render().one("Service")["spec"]["ports"]}
        assert (ports["rest"]["port"], ports["grpc"]["port"]) == (8501, 8500)
        assert ports["grpc"]["appProtocol"] == "kubernetes.io/h2c"
        assert {port["name"]: port["containerPort"] for port in render().container()["ports"]} == {
            "rest": 8501,
            "grpc": 8500,
        }

    def test_policy_lets_out_names_only(self):
        policy = render().one("NetworkPolicy")["spec"]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        assert policy["egress"] == [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}]

    def test_policy_lets_in_whom_it_names(self):
        ingress = value_set("several").one("NetworkPolicy")["spec"]["ingress"]
        assert len(ingress[0]["from"]) == 2
        assert ingress[1]["ports"] == [{"port": "rest"}]

    def test_ingress_has_tls(self):
        spec = value_set("several").one("Ingress")["spec"]
        assert spec["tls"] == [{"secretName": "models-tls", "hosts": ["models.example.com"]}]
        assert spec["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] == {"name": "rest"}

    def test_gateway_routes_both_protocols(self):
        rendered = value_set("image")
        rule = rendered.one("HTTPRoute")["spec"]["rules"][0]
        assert [match["path"]["value"] for match in rule["matches"]] == ["/v1", "/v2"]
        assert rule["timeouts"]["request"] == "30s"
        services = [
            match["method"]["service"] for match in rendered.one("GRPCRoute")["spec"]["rules"][0]["matches"]
        ]
        assert services == served_packages(services)

    def test_gateway_has_to_be_named(self):
        with pytest.raises(RenderError, match=r"gateway\.parentRefs"):
            with_values("gateway.enabled=true")

    def test_each_pod_is_scraped_once(self):
        rendered = with_values("service.headless=true", "serviceMonitor.enabled=true")
        selector = rendered.one("ServiceMonitor")["spec"]["selector"]["matchLabels"]
        matching = [s for s in rendered.all("Service") if selector.items() <= s["metadata"]["labels"].items()]
        assert len(matching) == 1


class TestSettings:
    def test_property_names_become_environment_variables(self):
        environment = value_set("tuned").environment()
        assert environment["ALPHORN_RUNTIME_WEIGHTS"] == "mapped"
        assert environment["ALPHORN_SERVED_VERSIONS"] == "2"

    def test_secrets_stay_references(self):
        container = value_set("tuned").container()
        token = next(entry for entry in container["env"] if entry["name"] == "ALPHORN_TEST_TOKEN")
        assert token["valueFrom"]["secretKeyRef"] == {"name": "alphorn", "key": "token"}
        assert container["envFrom"] == [{"secretRef": {"name": "alphorn-environment"}}]
        assert not value_set("tuned").all("Secret")

    def test_a_digest_wins_over_the_tag(self):
        assert value_set("gpu").container()["image"].startswith("alphorn@sha256:")
        assert render().container()["image"] == "alphorn:0.1.0"

    def test_a_gpu_is_asked_for_beside_the_other_limits(self):
        assert value_set("gpu").container()["resources"]["limits"] == {"memory": "16Gi", "nvidia.com/gpu": 1}

    @pytest.mark.parametrize(
        "wrong", ["replica=2", "models.source=floppy", "server.requestTimeoutSeconds=0", "image.digest=latest"]
    )
    def test_wrong_values_are_refused(self, wrong):
        with pytest.raises(RenderError, match="values don't meet the specifications"):
            with_values(wrong)


class TestMonitoring:
    def test_rules_and_dashboard_are_those_of_deploy(self):
        rendered = value_set("autoscaled")
        alerts = yaml.safe_load((chart.DEPLOY / "prometheus" / "alerts.yaml").read_text())
        assert rendered.one("PrometheusRule")["spec"] == alerts
        dashboard = json.loads((chart.DEPLOY / "grafana" / "alphorn.json").read_text())
        assert json.loads(rendered.one("ConfigMap")["data"]["alphorn.json"]) == dashboard


class TestDocumentation:
    def test_readme_tells_every_value_and_its_default(self):
        """The table of the README against values.yaml."""
        readme = (chart.CHART / "README.md").read_text()
        told = dict(re.findall(r"^\| `([\w.]+)` \| `(.*?)` \|", readme, re.MULTILINE))
        values = yaml.safe_load((chart.CHART / "values.yaml").read_text())
        assert told == {name: json.dumps(value) for name, value in leaves(values)}

    def test_notes_warn_of_what_may_surprise(self, told):
        assert "stops the old pod" in told()
        assert "Models are lost" in told("models.source=empty")
        assert "an upload reaches one of them" in told("models.source=perReplica")


@pytest.fixture
def told(tmp_path):
    """What NOTES.txt tells after an installation. Helm renders it with a cluster only: here a ConfigMap takes it."""
    copied = tmp_path / "alphorn"
    shutil.copytree(chart.CHART, copied)
    (copied / "templates" / "NOTES.txt").rename(copied / "notes.txt")
    (copied / "templates" / "notes.yaml").write_text(
        'apiVersion: v1\nkind: ConfigMap\ndata:\n  notes: {{ tpl (.Files.Get "notes.txt") . | toJson }}\n'
    )

    def notes(*assignments: str) -> str:
        options = [part for assignment in assignments for part in ("--set", assignment)]
        shown = ["--show-only", "templates/notes.yaml", "--kube-version", chart.KUBERNETES]
        return yaml.safe_load(chart.helm("template", str(copied), *shown, *options))["data"]["notes"]

    return notes


def leaves(values: dict, prefix: str = ""):
    """Every value with its path; lists, and mappings that are empty or a user's own, are values."""
    for name, value in values.items():
        path = prefix + name
        if isinstance(value, dict) and value and path not in ("resources", "dashboard.labels"):
            yield from leaves(value, path + ".")
        else:
            yield path, value


def served_packages(services: list[str]) -> list[str]:
    """Those of `services` that a proto of this repository declares."""
    declared = set()
    for proto in (chart.ROOT / "proto").rglob("*.proto"):
        text = proto.read_text()
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE).group(1)
        declared |= {f"{package}.{name}" for name in re.findall(r"^service (\w+)", text, re.MULTILINE)}
    return [service for service in services if service in declared]


def volume(rendered: chart.Rendered) -> dict:
    return next(found for found in rendered.pod()["volumes"] if found["name"] == "models")


def mounts(rendered: chart.Rendered) -> dict[str, dict]:
    return {mount["mountPath"]: mount for mount in rendered.container()["volumeMounts"]}


def seconds(text: str) -> int:
    assert text.endswith("s")
    return int(text[:-1])
