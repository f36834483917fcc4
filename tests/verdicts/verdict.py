"""What is said of a case, by a rehearsal in memory and by one on a real API."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract_check.check import check_resource
from contract_check.definitions import OWN
from contract_check.wire import from_struct

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.kubernetes.provider import KubernetesProvider
from rehearsal.providers.wire import Properties, encode
from tests.verdicts.cases import Case, Manifest, token
from tests.verdicts.plugins import in_process
from tests.verdicts.trial import Refused, Trial

Look = Callable[[str, Properties], str | None]
"""Judges inputs besides the provider: what is wrong with them, None where nothing is."""


@dataclass(frozen=True)
class Verdict:
    accepted: bool
    said: str = ""


def verdict(case: Case, stub: Any, configuration: Properties, look: Look, settle: Callable[[str], None]) -> Verdict:
    """Brings a case before a provider and cleans up behind it. `settle` is called when its namespace is there."""
    OWN.forget()
    trial = Trial(stub, {**configuration, **case.settings, "namespace": case.namespace})
    trial.create(_namespace(case), preview=False)
    settle(case.namespace)
    try:
        for manifest in case.before:
            look(token(manifest), manifest)
            trial.create(manifest, preview=False)
        former = None if case.former is None else trial.create(case.former, preview=False)
        return _judged(trial, case.object, former, look)
    finally:
        trial.clean()


def _judged(trial: Trial, manifest: Manifest, former: Any, look: Look) -> Verdict:
    try:
        objection = look(token(manifest), trial.check(manifest, former))
        if objection is not None:
            return Verdict(False, objection)
        if former is None:
            trial.create(manifest)
        else:
            trial.change(former, manifest)
    except Refused as error:
        return Verdict(False, str(error))
    return Verdict(True)


def contract_check(type: str, inputs: Properties) -> str | None:
    """What the policy pack of every preview finds."""
    findings = check_resource(type, from_struct(encode(inputs)))
    return next((f"contract check: {found}" for found in findings if not found.advisory), None)


def unlooked(type: str, inputs: Properties) -> str | None:
    return None


def quick(case: Case, folder: Path) -> Verdict:
    """The verdict of a rehearsal in memory: the contract check and the provider over an inventory of the case's own."""
    with in_process(KubernetesProvider(Inventory(folder / "inventory.sqlite"))) as stub:
        return verdict(case, stub, {"context": "kind-rehearsal"}, contract_check, lambda _: None)


def _namespace(case: Case) -> Manifest:
    annotations = {"pulumi.com/skipAwait": "true"}
    metadata = {"name": case.namespace, "labels": dict(case.labels), "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
