"""Kubernetes' Pod Security Standard "restricted", as its documentation lists it."""

Pod = dict

VOLUME_TYPES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
}


def violations(pod: Pod) -> list[str]:
    """What a pod's spec has that the profile refuses."""
    found = []
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            found.append(field)
    for volume in pod.get("volumes", []):
        if not VOLUME_TYPES >= set(volume) - {"name"}:
            found.append(f"volume {volume['name']}")
    for container in pod["containers"] + pod.get("initContainers", []):
        found += [f"{container['name']}: {text}" for text in container_violations(container, pod)]
    return found


def container_violations(container: dict, pod: Pod) -> list[str]:
    own = container.get("securityContext", {})
    inherited = {**pod.get("securityContext", {}), **own}
    found = []
    if own.get("privileged"):
        found.append("privileged")
    if own.get("allowPrivilegeEscalation") is not False:
        found.append("allowPrivilegeEscalation")
    if own.get("capabilities", {}).get("drop") != ["ALL"]:
        found.append("capabilities.drop")
    if set(own.get("capabilities", {}).get("add", [])) - {"NET_BIND_SERVICE"}:
        found.append("capabilities.add")
    if inherited.get("runAsNonRoot") is not True:
        found.append("runAsNonRoot")
    if inherited.get("runAsUser") == 0:
        found.append("runAsUser")
    if inherited.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        found.append("seccompProfile")
    if any(port.get("hostPort") for port in container.get("ports", [])):
        found.append("hostPort")
    return found
