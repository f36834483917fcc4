"""Rules that every built-in Kubernetes object follows and no type carries: labels, annotations, keys, closed values.

Sources: kubernetes.io/docs/concepts/overview/working-with-objects (labels, annotations, names) and the API reference
that the SDK's docstrings repeat; the quantity pattern is the one of the API's own error message.
"""

import re
from collections.abc import Callable
from typing import Any

from contract_check.findings import Finding, join, shown, wrong_value
from contract_check.quantities import QUANTITY
from contract_check.wire import reveal

LABEL_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
)
LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
ANNOTATIONS_BYTES = 262144
LABEL_LENGTH = 63
LABEL_WORDS = "at most 63 of A-Z a-z 0-9 - _ ., alphanumeric at both ends"
CLOSED_VALUES = {
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "concurrencyPolicy": ("Allow", "Forbid", "Replace"),
    "pathType": ("Exact", "Prefix", "ImplementationSpecific"),
    "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    "volumeBindingMode": ("Immediate", "WaitForFirstConsumer"),
    "reclaimPolicy": ("Delete", "Retain"),
}
CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})


def check_objects(inputs: dict[str, Any]) -> list[Finding]:
    """What is wrong with an object's metadata and its parts, at any depth."""
    findings = _check_keys(inputs)
    _visit(inputs, "", findings, hidden=False)
    return findings


def _visit(value: Any, path: str, findings: list[Finding], *, hidden: bool) -> None:
    value, hidden = reveal(value, hidden=hidden)
    if isinstance(value, list):
        for i, item in enumerate(value):
            _visit(item, f"{path}[{i}]", findings, hidden=hidden)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        below = join(path, key)
        if key in ("data", "stringData", "binaryData") and not path:
            continue
        if key in CLOSED_VALUES:
            known, concealed = reveal(item, hidden=hidden)
            if isinstance(known, str) and known not in CLOSED_VALUES[key]:
                findings.append(wrong_value(below, known, CLOSED_VALUES[key], hidden=concealed))
        check = CHECKS.get(key)
        if check:
            findings += check(item, below, hidden=hidden)
        if key in CONTAINERS:
            findings += _check_containers(item, below, hidden=hidden)
        _visit(item, below, findings, hidden=hidden)


def _check_labels(value: Any, path: str, *, hidden: bool) -> list[Finding]:
    value, hidden = reveal(value, hidden=hidden)
    findings: list[Finding] = []
    for key, item in value.items() if isinstance(value, dict) else ():
        below = join(path, key)
        findings += _check_label_key(key, below)
        text, concealed = reveal(item, hidden=hidden)
        if isinstance(text, str) and (len(text) > LABEL_LENGTH or not LABEL_VALUE.fullmatch(text)):
            problem = f"{shown(text, hidden=concealed)} is no label value ({LABEL_WORDS})"
            findings.append(Finding(path=below, problem=problem))
    return findings


def _check_label_key(key: str, path: str) -> list[Finding]:
    if LABEL_KEY.fullmatch(key) and len(key.rpartition("/")[2]) <= LABEL_LENGTH and len(key.partition("/")[0]) <= 253:
        return []
    return [Finding(path=path, problem="not a qualified name: [DNS subdomain/]name, the name at most 63 characters")]


def _check_annotations(value: Any, path: str, *, hidden: bool) -> list[Finding]:
    value, _ = reveal(value, hidden=hidden)
    if not isinstance(value, dict):
        return []
    findings = [found for key in value for found in _check_label_key(key.lower(), join(path, key))]
    texts = (reveal(item, hidden=hidden)[0] for item in value.values())
    size = sum(len(text.encode()) for text in (*value, *texts) if isinstance(text, str))
    if size > ANNOTATIONS_BYTES:
        findings.append(
            Finding(path=path, problem=f"all annotations together have {size} bytes, at most 262144 are allowed")
        )
    return findings


def _check_quantities(value: Any, path: str, *, hidden: bool) -> list[Finding]:
    value, hidden = reveal(value, hidden=hidden)
    findings: list[Finding] = []
    for key, item in value.items() if isinstance(value, dict) else ():
        text, concealed = reveal(item, hidden=hidden)
        if isinstance(text, str) and not QUANTITY.fullmatch(text):
            problem = f'{shown(text, hidden=concealed)} is no quantity, such as "250m", "1.5" or "512Mi"'
            findings.append(Finding(path=join(path, key), problem=problem))
    return findings


def _check_resources(value: Any, path: str, *, hidden: bool) -> list[Finding]:
    value, hidden = reveal(value, hidden=hidden)
    if not isinstance(value, dict):
        return []
    parts = [(key, value[key]) for key in ("requests", "limits") if key in value]
    return [found for key, item in parts for found in _check_quantities(item, join(path, key), hidden=hidden)]


def _check_containers(value: Any, path: str, *, hidden: bool) -> list[Finding]:
    value, hidden = reveal(value, hidden=hidden)
    findings: list[Finding] = []
    for i, item in enumerate(value if isinstance(value, list) else ()):
        container, concealed = reveal(item, hidden=hidden)
        if not isinstance(container, dict):
            continue
        below = f"{path}[{i}]"
        findings += _check_name(container.get("name"), f"{below}.name", DNS_LABEL, 63, hidden=concealed)
        ports, concealed = reveal(container.get("ports"), hidden=concealed)
        for j, port in enumerate(ports if isinstance(ports, list) else ()):
            port, concealed = reveal(port, hidden=concealed)
            if isinstance(port, dict):
                findings += _check_name(port.get("name"), f"{below}.ports[{j}].name", PORT_NAME, 15, hidden=concealed)
    return findings


def _check_name(value: Any, path: str, pattern: re.Pattern[str], longest: int, *, hidden: bool) -> list[Finding]:
    value, hidden = reveal(value, hidden=hidden)
    if not isinstance(value, str) or (len(value) <= longest and pattern.fullmatch(value)):
        return []
    problem = f"{shown(value, hidden=hidden)} is no name of at most {longest} of a-z 0-9 -, alphanumeric at both ends"
    return [Finding(path=path, problem=problem)]


def _check_keys(inputs: dict[str, Any]) -> list[Finding]:
    if inputs.get("kind") not in ("Secret", "ConfigMap"):
        return []
    findings: list[Finding] = []
    for name in ("data", "stringData", "binaryData"):
        content = reveal(inputs.get(name), hidden=False)[0]
        for key in content if isinstance(content, dict) else ():
            if not DATA_KEY.fullmatch(key):
                findings.append(
                    Finding(path=join(name, key), problem="a key may have A-Z a-z 0-9 - _ . only, at most 253")
                )
    return findings


CHECKS: dict[str, Callable[..., list[Finding]]] = {
    "labels": _check_labels,
    "matchLabels": _check_labels,
    "annotations": _check_annotations,
    "resources": _check_resources,
}
