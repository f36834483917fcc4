"""The plans of the committed stacks under mocks, and what a changed setting would do to one."""

import copy
import json
import runpy
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal.project import SETTINGS_KEY
from rehearsal.providers.cloud_provider import CloudProvider
from rehearsal.providers.diff import Diff, replacing
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.packages import provider_of
from rehearsal.providers.paths import general
from rehearsal.providers.provider import Operation, Provider
from rehearsal.providers.wire import UNKNOWN
from tests import mock_engine
from tests.mock_engine import Deployed, Registration

STACKS = sorted(path.name.split(".")[1] for path in Path("stacks").glob("Pulumi.*.yaml"))
"""The committed stacks."""


@dataclass(frozen=True)
class Effect:
    """What a changed setting does to one resource."""

    operation: str
    """create, update, replace, delete, or refuse: an update that the cloud does not do."""
    type: str


CREDENTIALS: Mapping[str, str] = {
    f"groundwork:{key}": f"{key}-secret" for key in ("remoteWritePassword", "oidcClientSecret", "traceStorePassword")
}
"""What some settings need beside them. Without those settings they are read and not used."""


def settings_of(stack: str) -> dict[str, Any]:
    """The settings as the stack file has them."""
    return yaml.safe_load(Path(f"stacks/Pulumi.{stack}.yaml").read_text())["config"][SETTINGS_KEY]


def plan(
    stack: str,
    changed: Mapping[str, Any] | None = None,
    *,
    credentials: Mapping[str, str] | None = None,
    renewed: Collection[str] = (),
) -> Deployed:
    """What the program registers for a committed stack, with some settings changed, by path.

    `credentials` are those of the configuration, instead of `CREDENTIALS`.
    """
    settings = settings_of(stack)
    for path, value in (changed or {}).items():
        *groups, key = path.split(".")
        group = settings
        for name in groups:
            group = group.setdefault(name, {})
        group[key] = copy.deepcopy(value)
    config = {SETTINGS_KEY: settings, **(CREDENTIALS if credentials is None else credentials)}
    return mock_engine.run(lambda: runpy.run_path("__main__.py"), config=config, renewed=renewed)


@cache
def _plan_before(stack: str, given: str) -> Deployed:
    return plan(stack, json.loads(given))


def committed_plan(stack: str) -> Deployed:
    """The plan of a committed stack as it is. Callers only read it."""
    return _plan_before(stack, "{}")


def plan_of_own_images(stack: str) -> Deployed:
    """The plan of a committed stack, without stand-ins for what its workloads run. Callers only read it."""
    return _plan_before(stack, json.dumps({"workloads": [*settings_of(stack)["workloads"]]}))


def plan_of_all_systems(stack: str) -> Deployed:
    """The plan of a committed stack if it ran all systems of the project, by their own images. Callers only read it."""
    systems = {path.stem: {} for path in sorted(Path("workloads").glob("*.yaml"))}
    return _plan_before(stack, json.dumps({"workloads": systems}))


def effects(
    stack: str,
    changed: Mapping[str, Any],
    *,
    given: Mapping[str, Any] | None = None,
    credentials: Mapping[str, str] | None = None,
) -> dict[str, Effect]:
    """What changed settings do to the resources of a stack that is up, by name.

    The local providers say what an update can do. What is replaced comes back with other ids, and whatever takes its
    inputs from those is looked at again. `given` are settings that it was brought up with, instead of those committed,
    `credentials` those that the changed settings need besides `CREDENTIALS`.
    """
    before = _plan_before(stack, json.dumps(given or {})).registrations
    renewed: set[str] = set()
    while True:
        known = {**CREDENTIALS, **(credentials or {})}
        after = plan(stack, changed, credentials=known, renewed=renewed).registrations
        found, replaced = _settled(before, after, renewed)
        if replaced == renewed:
            return {({**before, **after}[urn]).name: effect for urn, effect in found.items()}
        renewed = replaced


def _settled(
    before: Mapping[str, Registration], after: Mapping[str, Registration], renewed: set[str]
) -> tuple[dict[str, Effect], set[str]]:
    """What happens to each resource, and all that is replaced: that takes further resources along."""
    while True:
        found = dict(_effects(before, after, renewed))
        replaced = renewed | {urn for urn, effect in found.items() if effect.operation == "replace"}
        if replaced == renewed:
            return found, replaced
        renewed = replaced


def _effects(
    before: Mapping[str, Registration], after: Mapping[str, Registration], renewed: Collection[str]
) -> Iterator[tuple[str, Effect]]:
    deleted_first = {urn for urn in renewed if _deleted_first(before[urn], after[urn])}
    for urn in {**before, **after}:
        old, new = before.get(urn), after.get(urn)
        present = new or old
        assert present is not None
        if present.type.startswith("groundwork:"):
            continue
        if old is None or new is None:
            yield urn, Effect("create" if old is None else "delete", present.type)
            continue
        configurations = [found.inputs if (found := plan.get(new.provider)) else {} for plan in (before, after)]
        # The engine asks the provider whether what it has made is still within its reach.
        out_of_reach = new.provider in renewed and _provider_of(new).diff_config(*configurations).replaces
        moved = new.replacement_trigger != old.replacement_trigger
        if out_of_reach or moved or _goes_along(old, new, deleted_first):
            yield urn, Effect("replace", new.type)
        elif operation := _operation(old, new, *configurations):
            yield urn, Effect(operation, new.type)


def _deleted_first(old: Registration, new: Registration) -> bool:
    """Whether what is replaced goes before its replacement comes."""
    return new.delete_before_replace or _diff(old, new, {}, {}).delete_before_replace


def _goes_along(old: Registration, new: Registration, deleted_first: Collection[str]) -> bool:
    """Whether a resource cannot do without one that is deleted first, even if it comes back under the same name.

    The engine finds out in the same way: it takes for unknown whatever the resource has from that one.
    """
    lost = {key: UNKNOWN for key, urns in new.property_dependencies.items() if urns & set(deleted_first)}
    if not lost:
        return False
    known = replace(new, inputs={**old.inputs, **lost})
    return bool(_diff(old, known, {}, {}).replaces)


def _operation(
    old: Registration, new: Registration, configured: Mapping[str, Any], configuration: Mapping[str, Any]
) -> str:
    """Whether a resource is replaced, updated, an update of it refused, or (nothing said) left alone."""
    diff = _diff(old, new, configured, configuration)
    ignored = set(new.ignore_changes)
    changes = [change for change in diff.changes if not _covered(change.path, ignored)]
    if any(not _covered(path, ignored) for path in diff.replaces):
        return "replace"
    if any(_covered(change.path, new.replace_on_changes) for change in changes):
        return "replace"
    provider = _provider_of(new)
    if isinstance(provider, CloudProvider) and not new.type.startswith("pulumi:providers:"):
        fixed = provider.book.of(new.type).immutable
        if any(replacing(change, fixed) for change in changes):
            return "refuse"
    return "update" if changes else ""


def _covered(path: str, options: Collection[str]) -> bool:
    """Whether an option of the resource names this path, or a block around it."""
    return any(f"{general(path)}.".startswith((f"{option}.", f"{option}[")) for option in map(general, options))


def _diff(
    old: Registration, new: Registration, configured: Mapping[str, Any], configuration: Mapping[str, Any]
) -> Diff:
    """What the provider says. Where a resource names no account of its own, its provider's tells where it is."""
    provider = _provider_of(new)
    if new.type.startswith("pulumi:providers:"):
        return provider.diff_config(old.inputs, new.inputs)
    provider.configure(dict(configuration))
    operation = Operation(
        urn=new.urn,
        type=new.type,
        name=new.name,
        inputs=new.inputs,
        old_inputs=old.inputs,
        old_outputs={**configured, **old.inputs},
    )
    return provider.diff(operation)


def _provider_of(resource: Registration) -> Provider:
    return _provider(resource.type.removeprefix("pulumi:providers:").partition(":")[0])


@cache
def _provider(package: str) -> Provider:
    return provider_of(package, Inventory(Path(tempfile.mkdtemp()) / "inventory.sqlite"))
