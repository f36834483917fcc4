"""A provider whose resources live in a cloud account: the shared way from a request to the inventory and back."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from rehearsal.providers import latency, paths
from rehearsal.providers.autonaming import generate
from rehearsal.providers.conditions import holds
from rehearsal.providers.diff import Change, Diff, changes, replacing
from rehearsal.providers.enforcement import Referee, Subject, check_protection
from rehearsal.providers.errors import CheckFailure, CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.provider import GONE, Created, Found, Operation, configuration_diff, refuse_function
from rehearsal.providers.rules import ResourceRules, RuleBook
from rehearsal.providers.templates import fill, overlay, pending
from rehearsal.providers.wire import UNKNOWN, Properties, Secret, plain

_NOTES = "__defaults"
"""Names of the inputs that the provider chose, kept among the inputs as bridged providers do."""


class CloudProvider:
    """Subclasses say what an account is and add what only their cloud does."""

    package: ClassVar[str]

    def __init__(self, book: RuleBook, inventory: Inventory) -> None:
        self.book = book
        self.inventory = inventory
        self.configuration: Properties = {}
        self.referee = Referee(book, inventory, normalize=self.normalize, exists_outside=self.exists_outside)

    # What a cloud decides for itself.

    def account(self, inputs: Properties) -> str:
        raise NotImplementedError

    def fields(self, resource_type: str, inputs: Properties) -> Properties:
        """What templates of ids and scopes may name."""
        return dict(inputs)

    def computed_fields(self, subject: Subject, fields: Properties) -> Properties:
        """What templates of outputs may name besides."""
        return {}

    def shape(self, resource_type: str, inputs: Properties) -> Properties:
        """Inputs as the cloud gives them back."""
        return inputs

    def normalize(self, reference: str) -> str:
        return reference

    def exists_outside(self, resource_type: str, value: str, subject: Subject) -> bool:
        """Whether a reference means something that no program makes."""
        return False

    def check_operation(self, operation: str, subject: Subject, row: Resource | None) -> None:
        """Refuses what only this cloud refuses."""

    def created(self, row: Resource) -> None:
        """What else comes into being with a resource."""

    def deleted(self, row: Resource) -> None:
        """What else goes with a resource."""

    def implied_replaces(self, operation: Operation) -> list[str]:
        """Properties that changed because the provider's own settings did."""
        return []

    # The protocol.

    def configure(self, configuration: Properties) -> None:
        self.configuration = plain(configuration)

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        return configuration_diff(old, new)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        rules = self.book.of(operation.type)
        inputs = {key: value for key, value in operation.inputs.items() if key != _NOTES}
        notes: list[str] = []
        if rules.autoname is not None and rules.name is not None and rules.name not in inputs:
            notes.append(rules.name)
            inputs[rules.name] = self._autoname(operation, rules)
        missing = [CheckFailure(key, f"missing required property '{key}'") for key in rules.requires if key not in inputs]
        return {**inputs, _NOTES: notes}, missing

    def diff(self, operation: Operation) -> Diff:
        rules = self.book.of(operation.type)
        old = operation.old_inputs or {key: operation.old_outputs.get(key) for key in operation.inputs}
        found = changes(old, operation.inputs)
        replaces = [change.path for change in found if _needs_new(change, rules)]
        replaces += self.implied_replaces(operation)
        fixed = rules.name is not None and rules.autoname is not None and rules.name not in operation.inputs.get(_NOTES, [])
        same_name = rules.name is not None and old.get(rules.name) == operation.inputs.get(rules.name)
        return Diff(changes=found, replaces=replaces, delete_before_replace=bool(replaces) and fixed and same_name)

    def create(self, operation: Operation) -> Created:
        rules = self.book.of(operation.type)
        if operation.preview:
            return Created("", self._pending_outputs(operation, rules))
        subject = self.subject(operation, incarnation=1)
        self._check_create(subject)
        latency.wait(operation.type, "create", queue=self._queue(subject))
        with self.inventory.transaction():
            self._check_create(subject)
            count = self.inventory.next_incarnation(subject.account, subject.type, f"{subject.scope}/{subject.name}")
            subject = self.subject(operation, incarnation=count)
            row = self._store(operation, subject, count, datetime.now(UTC).isoformat(timespec="seconds"))
            self.created(row)
        return Created(row.id, self._outputs(operation, subject, row))

    def read(self, operation: Operation) -> Found:
        row = self.row(operation)
        if row is None:
            return GONE
        inputs = self.inventory.restored(row.inputs, operation.old_inputs)
        return Found(row.id, inputs, self.inventory.restored(row.outputs, operation.old_outputs))

    def update(self, operation: Operation) -> Properties:
        rules = self.book.of(operation.type)
        if operation.preview:
            return self._pending_outputs(operation, rules)
        row = self._existing(operation)
        subject = replace(self.subject(operation, incarnation=row.incarnation), id=row.id)
        self._check_update(operation, subject, row)
        latency.wait(operation.type, "update", queue=self._queue(subject))
        with self.inventory.transaction():
            row = self._existing(operation)
            row = self._store(operation, subject, row.incarnation, row.created)
        return self._outputs(operation, subject, row)

    def delete(self, operation: Operation) -> None:
        rules = self.book.of(operation.type)
        state = plain(operation.old_outputs)
        check_protection(rules, operation.id, state)
        row = self.row(operation)
        if row is None or state.get("deletionPolicy") == "ABANDON":
            return
        self._check_delete(row)
        latency.wait(operation.type, "delete", queue=self._queue(self._subject_of(row)))
        with self.inventory.transaction():
            self._check_delete(row)
            self.remove(row)

    # Steps of the above.

    def subject(self, operation: Operation, incarnation: int) -> Subject:
        rules = self.book.of(operation.type)
        inputs = plain(operation.inputs)
        account = self.account(inputs)
        fields = self.fields(operation.type, inputs)
        name = str(inputs.get(rules.name) or operation.name) if rules.name else ""
        scope = fill(rules.scope, fields) if rules.scope else ""
        fields |= incarnation_fields(account, operation.type, f"{scope}/{name or operation.urn}", incarnation)
        identity = str(fill(rules.id, fields))
        return Subject(
            type=operation.type, account=account, id=identity, name=name or identity, scope=scope, inputs=inputs, rules=rules
        )

    def row(self, operation: Operation) -> Resource | None:
        row = self.inventory.get(operation.type, operation.id)
        return None if row is None or row.retained else row

    def remove(self, row: Resource) -> None:
        """Deletes a resource and what goes along, or marks it as retained."""
        for companion in self.referee.companions(row):
            self.remove(companion)
        retention = self.book.of(row.type).survives_delete
        if retention is not None and not (retention.unless and paths.first(row.inputs, retention.unless) is True):
            self.inventory.put(replace(row, retained=True))
        else:
            self.inventory.delete(row)
        self.deleted(row)

    def _autoname(self, operation: Operation, rules: ResourceRules) -> Any:
        assert rules.autoname is not None and rules.name is not None
        kept = operation.old_inputs.get(rules.name)
        if kept is not None and rules.name in operation.old_inputs.get(_NOTES, []):
            return kept
        made = rules.autoname
        return generate(
            operation.name,
            operation.seed,
            digits=made.digits,
            separator=made.separator,
            longest=made.longest,
            engine=operation.autonaming,
        )

    def _check_create(self, subject: Subject) -> None:
        self.check_operation("create", subject, None)
        self.referee.check_unique(subject)
        self.referee.check_references(subject)
        self.referee.check_quota(subject)

    def _check_update(self, operation: Operation, subject: Subject, row: Resource) -> None:
        self.check_operation("update", subject, row)
        self.referee.check_references(subject)
        self.referee.check_immutable(subject, changes(operation.old_inputs, operation.inputs))

    def _check_delete(self, row: Resource) -> None:
        self.check_operation("delete", self._subject_of(row), row)
        self.referee.check_blockers(row)

    def _existing(self, operation: Operation) -> Resource:
        row = self.row(operation)
        if row is None:
            raise CloudError(f"the resource '{operation.id}' was not found, notFound")
        return row

    def _subject_of(self, row: Resource) -> Subject:
        rules = self.book.of(row.type)
        return Subject(
            type=row.type, account=row.account, id=row.id, name=row.name, scope=row.scope, inputs=row.inputs, rules=rules
        )

    def _queue(self, subject: Subject) -> str | None:
        group = latency.serial_group(subject.type)
        return f"{group}/{paths.first(subject.inputs, group)}" if group else None

    def _pending_outputs(self, operation: Operation, rules: ResourceRules) -> Properties:
        computed = {key: pending(item, operation.old_outputs.get(key)) for key, item in rules.outputs.items()}
        return _secret(overlay(computed, self._given(operation)), rules)

    def _store(self, operation: Operation, subject: Subject, incarnation: int, created: str) -> Resource:
        row = Resource(
            account=subject.account,
            type=subject.type,
            id=subject.id,
            name=subject.name,
            scope=subject.scope,
            incarnation=incarnation,
            inputs=operation.inputs,
            outputs={},
            created=created,
        )
        return self.inventory.put(replace(row, outputs=self._outputs(operation, subject, row)))

    def _outputs(self, operation: Operation, subject: Subject, row: Resource) -> Properties:
        fields = {**self.fields(subject.type, subject.inputs), "id": subject.id, "created": row.created}
        fields |= incarnation_fields(
            subject.account, subject.type, f"{subject.scope}/{subject.name}", row.incarnation
        )
        fields |= self.computed_fields(subject, fields)
        computed = fill(dict(subject.rules.outputs), fields)
        return _secret(overlay(computed, self._given(operation)), subject.rules)

    def _given(self, operation: Operation) -> Properties:
        inputs = {key: value for key, value in operation.inputs.items() if key != _NOTES}
        return self.shape(operation.type, inputs)


def incarnation_fields(account: str, resource_type: str, key: str, incarnation: int) -> Properties:
    """Digits for what a cloud generates: the same for the same resource, others for its successor."""
    digest = hashlib.sha256(f"{account}|{resource_type}|{key}|{incarnation}".encode()).hexdigest()
    return {"hash": digest, "digits": str(int(digest, 16))}


def _needs_new(change: Change, rules: ResourceRules) -> bool:
    condition = rules.replaces_if.get(change.path)
    if condition is not None:
        return holds(condition, change)
    return replacing(change, rules.replaces)


def _secret(outputs: Properties, rules: ResourceRules) -> Properties:
    marked = {key for key in rules.secret_outputs if key in outputs and not isinstance(outputs[key], Secret)}
    return {
        key: Secret(value) if key in marked and value is not UNKNOWN else value for key, value in outputs.items()
    }
