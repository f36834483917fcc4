"""Gives registrations to the checks, as a rehearsal would, and says which of them finds something wrong."""

from typing import Any

from contract_check.check import check_resource
from contract_check.wire import from_struct

from rehearsal.providers.errors import CloudError
from rehearsal.providers.provider import Operation
from rehearsal.providers.wire import encode
from tests.mutants.mutant import Mutant
from tests.mutants.recorder import Recorded, Recording, seed, wire

_PROVIDERS = "pulumi:providers:"


class _RolledBack(Exception):
    """Ends a transaction that was only tried."""


class Judge:
    """The contract check and the providers of one recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def objection(self, mutant: Mutant) -> str | None:
        """What the first check that objects to a mutant says."""
        urn = mutant.registration.urn
        planned = mutant.of(mutant.registration.planned)
        if planned is not None:
            found = self._checked(urn, self._recording.previewed[urn], wire(planned), mutant.ignore_changes)
            if found:
                return found
        inputs = mutant.of(mutant.registration.inputs)
        assert inputs is not None
        return self.update(urn, wire(inputs), mutant.ignore_changes)

    def preview(self, urn: str) -> str | None:
        """What there is to object to in a registration as the first preview has it."""
        one = self._recording.previewed[urn]
        return self._checked(urn, one, one.inputs, one.ignore_changes)

    def update(
        self, urn: str, inputs: dict[str, Any] | None = None, ignore_changes: tuple[str, ...] | None = None
    ) -> str | None:
        """What there is to object to in inputs as an update has them, those that were registered unless others are
        given, with everything else of the plan in the inventory."""
        one = self._recording.created[urn]
        given, ignored = inputs or one.inputs, ignore_changes or one.ignore_changes
        return self._checked(urn, one, given, ignored) or self._created(urn, one, given)

    def _checked(self, urn: str, one: Recorded, inputs: dict[str, Any], ignore_changes: tuple[str, ...]) -> str | None:
        """The engine's order: the provider's Check, then the analyzers."""
        if one.provider is not None:
            operation = Operation(urn=urn, type=one.type, name=one.name, inputs=inputs, seed=seed(urn))
            try:
                inputs, failures = one.provider.check(operation)
            except CloudError as error:
                return str(error)
            if failures:
                return str(failures[0].reason)
        findings = check_resource(one.type, from_struct(encode(inputs)), ignore_changes)
        return next((f"contract check: {found}" for found in findings if not found.advisory), None)

    def _created(self, urn: str, one: Recorded, inputs: dict[str, Any]) -> str | None:
        """What the cloud says, asked to create it in the place of the one that is there."""
        if one.provider is None:
            return None
        checked, _ = one.provider.check(Operation(urn=urn, type=one.type, name=one.name, inputs=inputs, seed=seed(urn)))
        inventory = self._recording.inventory
        try:
            with inventory.transaction():
                for row in inventory.list(type=one.type):
                    if row.id == one.id:
                        inventory.delete(row)
                one.provider.create(Operation(urn=urn, type=one.type, name=one.name, inputs=checked))
                raise _RolledBack
        except CloudError as error:
            return str(error)
        except _RolledBack:
            return None
