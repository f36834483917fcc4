"""What the quotas and limit ranges of a namespace leave to an object.

Source: kubernetes.io/docs/concepts/policy/resource-quotas and limit-range; the wording is the admission plugins' own.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from rehearsal.providers import paths
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.kinds import Kind, kind_of
from rehearsal.providers.kubernetes.pod_templates import POD_TEMPLATES, pod_spec
from rehearsal.providers.kubernetes.quantities import amount
from rehearsal.providers.wire import Properties

_QUOTA: Final = "kubernetes:core/v1:ResourceQuota"
_LIMIT_RANGE: Final = "kubernetes:core/v1:LimitRange"
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_ZERO = Decimal(0)


def pod_refusal(spec: Properties, namespace: str, cluster: Cluster) -> str | None:
    """Why a namespace takes no pod of this spec; None where it does."""
    containers = [_filled(container, limits) for limits in [_limits(namespace, cluster)] for container in _all(spec)]
    for limit in _limits(namespace, cluster):
        for container in containers:
            if found := _beyond(container, limit):
                return found
    asked = _asked(containers)
    for quota in _quotas(namespace, cluster):
        for name in quota.hard:
            part, _, resource = name.rpartition(".")
            if resource in _COMPUTE and any(_given(one, part or "requests", resource) is None for one in containers):
                named = ",".join(str(one.get("name")) for one in containers)
                return f"failed quota: {quota.name}: must specify {name} for: {named}"
        found = quota.exceeded(asked, _used(namespace, cluster))
        if found:
            return found
    return None


def count_refusal(kind: Kind, namespace: str, cluster: Cluster) -> str | None:
    """Why a namespace takes no further object of a kind; None where it does."""
    plural, _, group = kind.plural.partition(".")
    names = {plural, f"count/{plural}.{group}" if group else f"count/{plural}"}
    there = sum(1 for row in cluster.objects(kind.token) if row.scope == namespace)
    asked = dict.fromkeys(names, Decimal(1))
    for quota in _quotas(namespace, cluster):
        found = quota.exceeded(asked, dict.fromkeys(names, Decimal(there)))
        if found and kind.name != "Pod":
            return found
    return None


class _Quota:
    def __init__(self, name: str, hard: Mapping[str, Any]) -> None:
        self.name = name
        self.hard = hard

    def exceeded(self, asked: Mapping[str, Decimal], used: Mapping[str, Decimal]) -> str | None:
        """What of the quota is not left; None where all is."""
        for name, most in self.hard.items():
            wanted, limit = asked.get(_plain(name)), amount(most)
            taken = used.get(_plain(name), _ZERO)
            if wanted is not None and limit is not None and taken + wanted > limit:
                return (
                    f"exceeded quota: {self.name}, requested: {name}={wanted.normalize():f}, "
                    f"used: {name}={taken.normalize():f}, limited: {name}={most}"
                )
        return None


def _quotas(namespace: str, cluster: Cluster) -> list[_Quota]:
    rows = [row for row in cluster.objects(_QUOTA) if row.scope == namespace]
    # A quota with scopes counts only pods of those.
    return [
        _Quota(row.name, paths.first(row.inputs, "spec.hard") or {})
        for row in rows
        if not paths.first(row.inputs, "spec.scopes") and not paths.first(row.inputs, "spec.scopeSelector")
    ]


def _limits(namespace: str, cluster: Cluster) -> list[Properties]:
    return [
        limit
        for row in cluster.objects(_LIMIT_RANGE)
        if row.scope == namespace
        for limit in paths.first(row.inputs, "spec.limits") or []
        if limit.get("type") == "Container"
    ]


def _filled(container: Properties, limits: list[Properties]) -> Properties:
    """The container with what limit ranges give those that ask for nothing."""
    resources = container.get("resources") or {}
    requests, most = dict(resources.get("requests") or {}), dict(resources.get("limits") or {})
    for limit in limits:
        most = {**(limit.get("max") or {}), **(limit.get("default") or {}), **most}
        requests = {**(limit.get("defaultRequest") or {}), **requests}
    return {**container, "resources": {"requests": {**most, **requests}, "limits": most}}


def _beyond(container: Properties, limit: Properties) -> str | None:
    for resource, most in (limit.get("max") or {}).items():
        given = _given(container, "limits", resource)
        if given is not None and given > (amount(most) or given):
            text = paths.first(container, "resources.limits")[resource]
            return f"maximum {resource} usage per Container is {most}, but limit is {text}"
    for resource, least in (limit.get("min") or {}).items():
        given = _given(container, "requests", resource)
        if given is not None and given < (amount(least) or given):
            text = paths.first(container, "resources.requests")[resource]
            return f"minimum {resource} usage per Container is {least}, but request is {text}"
    return None


def _asked(containers: list[Properties]) -> dict[str, Decimal]:
    asked: dict[str, Decimal] = {"pods": Decimal(1), "count/pods": Decimal(1)}
    for container in containers:
        for part in ("requests", "limits"):
            for resource, given in (paths.first(container, f"resources.{part}") or {}).items():
                asked[f"{part}.{resource}"] = asked.get(f"{part}.{resource}", _ZERO) + (amount(given) or _ZERO)
    return asked


def _used(namespace: str, cluster: Cluster) -> dict[str, Decimal]:
    """What the pods of a namespace ask for together."""
    used: dict[str, Decimal] = {}
    limits = _limits(namespace, cluster)
    for row in cluster.objects():
        kind = kind_of(row.type) if row.scope == namespace and row.type.count(":") == 2 else None
        if kind is None or kind.name not in POD_TEMPLATES:
            continue
        pods = Decimal(paths.first(row.inputs, "spec.replicas") or 1)
        for name, given in _asked([_filled(one, limits) for one in _all(pod_spec(kind, row.inputs))]).items():
            used[name] = used.get(name, _ZERO) + given * pods
    return used


def _all(spec: Properties) -> Iterator[Properties]:
    yield from spec.get("containers") or ()


def _given(container: Properties, part: str, resource: str) -> Decimal | None:
    return amount((paths.first(container, f"resources.{part}") or {}).get(resource))


def _plain(name: str) -> str:
    return f"requests.{name}" if name in _COMPUTE else name
