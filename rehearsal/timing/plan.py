"""What an `up` has to do: every resource of a plan, how long it takes and what it waits for."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.providers import latency, paths
from rehearsal.providers.kubernetes.charts import locate
from rehearsal.providers.kubernetes.kinds import RELEASE

FOUNDATION, PLATFORM, WORKLOADS = "foundation", "platform", "workloads"
LAYERS = (FOUNDATION, PLATFORM, WORKLOADS)
_WORKLOAD = "groundwork:index:Workload"
_CLOUDS = frozenset({"azure-native", "gcp", "oci"})


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One resource, component or provider as the program registered it."""

    urn: str
    type: str
    custom: bool
    """Whether a provider creates it: no component, and nothing that was there before."""

    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parent: str = ""
    provider: str = ""
    """URN of the provider."""

    dependencies: Sequence[str] = ()
    """URNs of all that it depends on, by name or through an input."""

    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """URNs that each input came from."""

    deleted_with: str = ""

    @property
    def created(self) -> bool:
        """Whether creating it takes any time: components and providers only pass on what they wait for."""
        return self.custom and not self.type.startswith("pulumi:")


@dataclass(frozen=True, kw_only=True)
class Step:
    """The creation of one resource."""

    urn: str
    type: str
    variant: str | None
    """The chart of a release, by name."""

    seconds: float
    queue: str | None
    """What it stands in line for, where the cloud does one such operation at a time."""

    component: str
    """Name of the outermost component that it is in, or its own where it is in none."""

    layer: str
    waits: Mapping[str, str]
    """The steps that must be done before: URN, and how the program says so."""

    @property
    def name(self) -> str:
        return self.urn.rsplit("::", 1)[-1]


def of_checkpoint(file: Path) -> list[Step]:
    """The plan that a stack's state records."""
    latest = json.loads(file.read_bytes())["checkpoint"]["latest"]
    return steps(registration(resource) for resource in latest["resources"])


def steps(registered: Iterable[Registered]) -> list[Step]:
    """The steps of a plan, with what stands between them (components, providers) resolved to what it waits for."""
    known = {one.urn: one for one in registered}
    layers = _layers(known)
    found: list[Step] = []
    for one in known.values():
        if not one.created:
            continue
        variant = locate(dict(one.inputs)).name if one.type == RELEASE else None
        outermost = _outermost(one, known)
        found.append(
            Step(
                urn=one.urn,
                type=one.type,
                variant=variant,
                seconds=latency.seconds(one.type, "create", variant, one.inputs),
                queue=_queue(one),
                component=outermost.urn.rsplit("::", 1)[-1],
                layer=layers[outermost.urn],
                waits=dict(_waits(one, known)),
            )
        )
    return found


def registration(resource: Mapping[str, Any]) -> Registered:
    """A resource of a state as the program registered it."""
    return Registered(
        urn=resource["urn"],
        type=resource["type"],
        custom=resource.get("custom", False) and not resource.get("external", False),
        inputs=resource.get("inputs", {}),
        parent=resource.get("parent", ""),
        provider=resource.get("provider", "").rpartition("::")[0],
        dependencies=resource.get("dependencies", ()),
        property_dependencies=resource.get("propertyDependencies", {}),
        deleted_with=resource.get("deletedWith", ""),
    )


def _waits(one: Registered, known: Mapping[str, Registered]) -> Iterator[tuple[str, str]]:
    """What a resource waits for; the plainest reason where there are several."""
    found: dict[str, str] = {}
    for urn, reason in _direct(one):
        for step in _created(urn, known):
            found.setdefault(step, reason)
    yield from found.items()


def _direct(one: Registered) -> Iterator[tuple[str, str]]:
    inputs = {urn: name for name, urns in one.property_dependencies.items() for urn in urns}
    for urn in one.dependencies:
        yield urn, f"input {inputs[urn]}" if urn in inputs else "depends_on"
    yield from ((urn, f"input {name}") for urn, name in inputs.items())
    yield from ((urn, reason) for urn, reason in ((one.provider, "provider"), (one.parent, "parent")) if urn)
    if one.deleted_with:
        yield one.deleted_with, "deleted_with"


def _created(urn: str, known: Mapping[str, Registered]) -> Iterator[str]:
    """The steps behind a URN: itself, or what a component or provider of that URN waits for."""
    one = known.get(urn)
    if one is None:
        return
    if one.created:
        yield urn
        return
    for further, _reason in _direct(one):
        yield from _created(further, known)


def _outermost(one: Registered, known: Mapping[str, Registered]) -> Registered:
    parent = known.get(one.parent)
    if parent is None or parent.type == "pulumi:pulumi:Stack":
        return one
    return _outermost(parent, known)


def _layers(known: Mapping[str, Registered]) -> dict[str, str]:
    """The layer of each outermost component. The foundation is what has anything of a cloud in it, or no object."""
    packages: dict[str, set[str]] = {}
    for one in known.values():
        if one.created:
            packages.setdefault(_outermost(one, known).urn, set()).add(one.type.partition(":")[0])
    return {urn: _layer(known[urn].type, inside) for urn, inside in packages.items()}


def _layer(type_: str, packages: Set[str]) -> str:
    if type_ == _WORKLOAD:
        return WORKLOADS
    return PLATFORM if "kubernetes" in packages and not packages & _CLOUDS else FOUNDATION


def _queue(one: Registered) -> str | None:
    group = latency.serial_group(one.type)
    return f"{one.type}/{paths.first(dict(one.inputs), group)}" if group else None
