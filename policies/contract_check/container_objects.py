"""Rules of containers that no type carries: ports, variables, mounts, probes, resources, rights.

Source: what the API server answers; kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from contract_check.findings import Finding
from contract_check.places import Place, distinct, exactly_one, matching, one_of, required, within
from contract_check.quantities import amount

PORTS = (1, 65535)
PROTOCOLS = ("TCP", "UDP", "SCTP")
PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_STANDARD = ("cpu", "memory", "ephemeral-storage", "storage")
_VARIABLE = re.compile(r"[ -<>-~]+")
_FIELDS = re.compile(
    r"metadata\.(name|namespace|uid)|metadata\.(labels|annotations)\['[^']+'\]"
    r"|spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs)"
)
_SOURCES = ("configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def check_container(container: Place, mountable: Collection[Any], *, volumes_known: bool) -> Iterator[Finding]:
    """What is wrong with one container of a pod that has the given volumes."""
    yield from required(container["image"], "a container needs an image")
    yield from _check_ports(container["ports"])
    yield from _check_variables(container)
    yield from _check_mounts(container, mountable, volumes_known=volumes_known)
    for name in _PROBES:
        yield from _check_probe(name, container[name])
    yield from check_resources(container["resources"])
    rights = container["securityContext"]
    yield from within(rights["runAsUser"], 0)
    yield from within(rights["runAsGroup"], 0)
    if rights["privileged"].value is True and rights["allowPrivilegeEscalation"].value is False:
        yield rights["allowPrivilegeEscalation"].wrong("a privileged container may always escalate")


def check_resources(resources: Place) -> Iterator[Finding]:
    """Names and amounts of what is asked for, and that no request is above its limit."""
    for part in ("requests", "limits"):
        for name, given in resources[part].members():
            if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
                yield given.wrong(f'"{name}" is no resource: one that nodes add has the form domain/name')
            found = amount(given.value)
            if found is not None and found < 0:
                yield given.wrong(f"{given.shown()} is below zero")
    for name, request in resources["requests"].members():
        limit = resources["limits"].value.get(name) if isinstance(resources["limits"].value, dict) else None
        asked, most = amount(request.value), amount(limit)
        if asked is not None and most is not None and asked > most:
            yield request.wrong(f"{request.shown()} is more than the limit of {limit}")
        elif asked is not None and most is not None and "/" in name and asked != most:
            yield request.wrong("a resource that nodes add is not lent: its request equals its limit")


def check_port_reference(port: Place) -> Iterator[Finding]:
    """A port by its number or its name."""
    yield from within(port, *PORTS)
    yield from matching(port, PORT_NAME, "port name: at most 15 of a-z 0-9 -, at least one letter", 15)


def _check_ports(ports: Place) -> Iterator[Finding]:
    given = list(ports.each())
    for port in given:
        yield from required(port["containerPort"])
        yield from within(port["containerPort"], *PORTS)
        yield from within(port["hostPort"], 0, PORTS[1])
        yield from one_of(port["protocol"], PROTOCOLS)
    yield from distinct(port["name"] for port in given)


def _check_variables(container: Place) -> Iterator[Finding]:
    given = list(container["env"].each())
    for variable in given:
        yield from required(variable["name"])
        yield from matching(variable["name"], _VARIABLE, "name of a variable: printable ASCII without =", 32768)
        source = variable["valueFrom"]
        if variable["value"].value and source.present:
            yield source.wrong("a variable has a value or a source of it, not both")
        if source.value is not None:
            yield from exactly_one(source, _SOURCES)
        field = source["fieldRef.fieldPath"]
        if field.text is not None and not _FIELDS.fullmatch(field.text):
            yield field.wrong(f"{field.shown()} is no field of a pod that a variable can have")
    # Accepted when it is created; server-side apply, which every change uses, takes the name for the key.
    yield from distinct(variable["name"] for variable in given)
    for source in container["envFrom"].each():
        yield from exactly_one(source, ("configMapRef", "secretRef"))


def _check_mounts(container: Place, mountable: Collection[Any], *, volumes_known: bool) -> Iterator[Finding]:
    mounts = list(container["volumeMounts"].each())
    for mount in mounts:
        yield from required(mount["name"])
        yield from required(mount["mountPath"])
        name = mount["name"].text
        if name is not None and volumes_known and not any(found == name for found in mountable):
            yield mount["name"].wrong(f"{mount['name'].shown()} is no volume of the pod")
        if mount["subPath"].text and mount["subPathExpr"].text:
            yield mount["subPathExpr"].wrong("a mount has a subPath or a subPathExpr, not both")
        path = mount["subPath"].text
        if path is not None and (path.startswith("/") or ".." in path.split("/")):
            yield mount["subPath"].wrong("a relative path without ..")
    yield from distinct(mount["mountPath"] for mount in mounts)


def _check_probe(name: str, probe: Place) -> Iterator[Finding]:
    if probe.value is None:
        return
    yield from exactly_one(probe, _HANDLERS)
    for handler in ("httpGet", "tcpSocket"):
        if probe[handler].present:
            yield from required(probe[handler]["port"])
            yield from check_port_reference(probe[handler]["port"])
    for key in ("timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        yield from within(probe[key], 1)
    yield from within(probe["initialDelaySeconds"], 0)
    threshold = probe["successThreshold"]
    if name != "readinessProbe" and threshold.number is not None and threshold.number > 1:
        yield threshold.wrong(f"one success is enough for a {name}: must be 1")
