"""What the Pod Security admission of a namespace refuses.

Source: kubernetes.io/docs/concepts/security/pod-security-standards; the wording is the admission plugin's own.
"""

from collections.abc import Iterator
from typing import Any, Final

from rehearsal.providers import paths
from rehearsal.providers.wire import Properties

ENFORCE: Final = "pod-security.kubernetes.io/enforce"
_VERSION: Final = "pod-security.kubernetes.io/enforce-version"
_BASELINE_CAPABILITIES = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)
_RESTRICTED_VOLUMES = frozenset(
    {
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"),
        "image",
    }
)
_SAFE_SYSCTLS = frozenset(
    {
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
        *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    }
)
_SECCOMP = ("RuntimeDefault", "Localhost")


def violations(spec: Properties, labels: Properties) -> str | None:
    """Why a namespace with these labels takes no such pod; None where it does."""
    level = labels.get(ENFORCE)
    if level not in ("baseline", "restricted"):
        return None
    found = [*_baseline(spec), *(_restricted(spec) if level == "restricted" else ())]
    if not found:
        return None
    return f'violates PodSecurity "{level}:{labels.get(_VERSION, "latest")}": {", ".join(found)}'


def _baseline(spec: Properties) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field) is True:
            yield f"host namespaces ({field}=true)"
    for name, container in _containers(spec):
        context = container.get("securityContext") or {}
        if context.get("privileged") is True:
            yield f'privileged (container "{name}" must not set securityContext.privileged=true)'
        added = set(paths.first(context, "capabilities.add") or ())
        if added - _BASELINE_CAPABILITIES:
            yield f'non-default capabilities (container "{name}" adds {", ".join(sorted(added))})'
        if any(port.get("hostPort") for port in container.get("ports") or ()):
            yield f'hostPort (container "{name}" uses hostPorts)'
        if context.get("procMount") not in (None, "Default"):
            yield f'procMount (container "{name}" must not set securityContext.procMount)'
    for volume in spec.get("volumes") or ():
        if "hostPath" in volume:
            yield f'hostPath volumes (volume "{volume.get("name")}")'
    for item in paths.select(spec, "securityContext.sysctls[*].name"):
        if item not in _SAFE_SYSCTLS:
            yield f"forbidden sysctls ({item})"
    for context in _contexts(spec):
        if paths.first(context, "seccompProfile.type") == "Unconfined":
            yield "seccompProfile (must not set securityContext.seccompProfile.type to Unconfined)"


def _restricted(spec: Properties) -> Iterator[str]:
    pod = spec.get("securityContext") or {}
    for name, container in _containers(spec):
        context = container.get("securityContext") or {}
        if context.get("allowPrivilegeEscalation") is not False:
            yield (
                f'allowPrivilegeEscalation != false (container "{name}" must set '
                "securityContext.allowPrivilegeEscalation=false)"
            )
        added = set(paths.first(context, "capabilities.add") or ())
        if "ALL" not in (paths.first(context, "capabilities.drop") or ()) or added - {"NET_BIND_SERVICE"}:
            yield f'unrestricted capabilities (container "{name}" must set securityContext.capabilities.drop=["ALL"])'
        if context.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
            yield f'runAsNonRoot != true (pod or container "{name}" must set securityContext.runAsNonRoot=true)'
        if context.get("runAsUser", pod.get("runAsUser")) == 0:
            yield f'runAsUser=0 (pod or container "{name}" must not set runAsUser=0)'
        profile = context.get("seccompProfile") or pod.get("seccompProfile") or {}
        if profile.get("type") not in _SECCOMP:
            yield (
                f'seccompProfile (pod or container "{name}" must set securityContext.seccompProfile.type to '
                '"RuntimeDefault" or "Localhost")'
            )
    for volume in spec.get("volumes") or ():
        used = set(volume) - {"name"} - _RESTRICTED_VOLUMES - {"hostPath"}
        if used:
            yield f'restricted volume types (volume "{volume.get("name")}" uses {", ".join(sorted(used))})'


def _containers(spec: Properties) -> Iterator[tuple[str, Properties]]:
    for key in ("initContainers", "containers"):
        for container in spec.get(key) or ():
            yield str(container.get("name")), container


def _contexts(spec: Properties) -> Iterator[Any]:
    yield spec.get("securityContext") or {}
    for _, container in _containers(spec):
        yield container.get("securityContext") or {}
