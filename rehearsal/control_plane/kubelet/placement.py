"""Whether a pod could run on a node, by the rules of the scheduler that a node's own description decides."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rehearsal.providers.kubernetes.quantities import number

Object = Mapping[str, Any]
Resources = dict[str, Decimal]


def requests(spec: Object) -> Resources:
    """What a pod takes of a node, itself counted as one of its pods.

    Source: kubernetes.io/docs/concepts/workloads/pods/init-containers#resource-sharing-within-containers; sidecars are
    init containers that stay.
    """
    staying = [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    passing = [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") != "Always"]
    taken = _sum([*map(_requests, [*spec["containers"], *staying]), _numbers(spec.get("overhead"))])
    for item in passing:
        for name, quantity in _requests(item).items():
            taken[name] = max(taken.get(name, Decimal(0)), quantity)
    return {**taken, "pods": Decimal(1)}


def room(node: Object) -> Resources:
    """What pods may take of a node that none runs on."""
    return _numbers((node.get("status") or {}).get("allocatable"))


def fits(wanted: Resources, left: Resources) -> bool:
    return all(quantity <= left.get(name, Decimal(0)) for name, quantity in wanted.items() if quantity)


def without(left: Resources, taken: Resources) -> Resources:
    """What is left once a pod has taken its part."""
    return {name: quantity - taken.get(name, Decimal(0)) for name, quantity in left.items()}


def admits(node: Object, spec: Object) -> bool:
    """Whether a node's labels are those that a pod asks for, and the pod tolerates the node's taints."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(name) != value for name, value in (spec.get("nodeSelector") or {}).items()):
        return False
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    if affinity and not in_terms(node, affinity["nodeSelectorTerms"]):
        return False
    tolerations = spec.get("tolerations") or []
    hard = (taint for taint in node["spec"].get("taints") or [] if taint["effect"] != "PreferNoSchedule")
    return all(any(tolerates(toleration, taint) for toleration in tolerations) for taint in hard)


def in_terms(node: Object, terms: Iterable[Object]) -> bool:
    """Whether a node meets one of the terms of a node selector."""
    labels, fields = node["metadata"].get("labels") or {}, {"metadata.name": node["metadata"]["name"]}
    return any(
        all(_meets(labels, expression) for expression in term.get("matchExpressions") or [])
        and all(_meets(fields, expression) for expression in term.get("matchFields") or [])
        for term in terms
        if term
    )


def _meets(labels: Mapping[str, str], expression: Object) -> bool:
    """Source: kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node#operators."""
    value, values = labels.get(expression["key"]), expression.get("values") or []
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return _is_number(value) and int(value or 0) > int(values[0])
        case _:
            return _is_number(value) and int(value or 0) < int(values[0])


def _is_number(value: str | None) -> bool:
    return value is not None and value.lstrip("-").isdigit()


def tolerates(toleration: Object, taint: Object) -> bool:
    """Source: kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration."""
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    if not toleration.get("key"):
        return toleration.get("operator") == "Exists"
    same = toleration["key"] == taint["key"]
    return same and (
        toleration.get("operator") == "Exists" or (toleration.get("value") or "") == (taint.get("value") or "")
    )


def _requests(container: Object) -> Resources:
    return _numbers((container.get("resources") or {}).get("requests"))


def _numbers(quantities: Mapping[str, str] | None) -> Resources:
    return {name: number(quantity) for name, quantity in (quantities or {}).items()}


def _sum(parts: Iterable[Resources]) -> Resources:
    total: Resources = {}
    for part in parts:
        for name, quantity in part.items():
            total[name] = total.get(name, Decimal(0)) + quantity
    return total
