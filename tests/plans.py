"""The plans of the committed stacks under mocks, and what a changed setting would do to one."""

import copy
import runpy
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal.project import SETTINGS_KEY
from rehearsal.providers.azure_native.provider import AzureProvider
from rehearsal.providers.diff import Diff
from rehearsal.providers.gcp.provider import GcpProvider
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.kubernetes.provider import KubernetesProvider
from rehearsal.providers.oci.provider import OciProvider
from rehearsal.providers.paths import general
from rehearsal.providers.provider import Operation, Provider
from rehearsal.providers.random_.provider import RandomProvider
from tests import mock_engine
from tests.mock_engine import Deployed, Registration

STACKS = sorted(path.name.split(".")[1] for path in Path("stacks").glob("Pulumi.*.yaml"))
"""The committed stacks."""


@dataclass(frozen=True)
class Effect:
    """What a changed setting does to one resource."""

    operation: str
    """create, update, replace or delete."""
    type: str


def settings_of(stack: str) -> dict[str, Any]:
    """The settings as the stack file has them."""
    return yaml.safe_load(Path(f"stacks/Pulumi.{stack}.yaml").read_text())["config"][SETTINGS_KEY]


def plan(stack: str, changed: Mapping[str, Any] | None = None, *, renewed: Collection[str] = ()) -> Deployed:
    """What the program registers for a committed stack, with some settings changed, by path."""
    settings = settings_of(stack)
    for path, value in (changed or {}).items():
        *groups, key = path.split(".")
        group = settings
        for name in groups:
            group = group.setdefault(name, {})
        group[key] = copy.deepcopy(value)
    config = {SETTINGS_KEY: settings}
    return mock_engine.run(lambda: runpy.run_path("__main__.py"), config=config, renewed=renewed)


@cache
def committed_plan(stack: str) -> Deployed:
    """The plan of a committed stack as it is. Callers only read it."""
    return plan(stack)


def effects(stack: str, changed: Mapping[str, Any]) -> dict[str, Effect]:
    """What changed settings do to the resources of a stack that is up, by name.

    The local providers say what an update can do. What is replaced comes back with other ids, and whatever takes its
    inputs from those is looked at again.
    """
    before = committed_plan(stack).registrations
    renewed: set[str] = set()
    while True:
        after = plan(stack, changed, renewed=renewed).registrations
        found = dict(_effects(before, after, renewed))
        replaced = {urn for urn, effect in found.items() if effect.operation == "replace"}
        if replaced <= renewed:
            return {({**before, **after}[urn]).name: effect for urn, effect in found.items()}
        renewed |= replaced


def _effects(
    before: Mapping[str, Registration], after: Mapping[str, Registration], renewed: Collection[str]
) -> Iterator[tuple[str, Effect]]:
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
        if new.provider in renewed or new.replacement_trigger != old.replacement_trigger:
            yield urn, Effect("replace", new.type)
        elif operation := _operation(old, new, *configurations):
            yield urn, Effect(operation, new.type)


def _operation(
    old: Registration, new: Registration, configured: Mapping[str, Any], configuration: Mapping[str, Any]
) -> str:
    """Whether a resource is updated, replaced, or (nothing said) left alone."""
    diff = _diff(old, new, configured, configuration)
    ignored = {general(path) for path in new.ignore_changes}
    if diff.replaces and set(map(general, diff.replaces)) - ignored:
        return "replace"
    return "update" if any(general(change.path) not in ignored for change in diff.changes) else ""


def _diff(
    old: Registration, new: Registration, configured: Mapping[str, Any], configuration: Mapping[str, Any]
) -> Diff:
    """What the provider says. Where a resource names no account of its own, its provider's tells where it is."""
    package = new.type.removeprefix("pulumi:providers:").partition(":")[0]
    provider = _provider(package)
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


@cache
def _provider(package: str) -> Provider:
    nothing = Inventory(Path(tempfile.mkdtemp()) / "inventory.sqlite")
    match package:
        case "gcp":
            return GcpProvider(nothing)
        case "azure-native":
            return AzureProvider(nothing)
        case "oci":
            return OciProvider(nothing)
        case "kubernetes":
            return KubernetesProvider(nothing)
        case "random":
            return RandomProvider()
        case _:
            raise AssertionError(f"no local provider for {package}")
