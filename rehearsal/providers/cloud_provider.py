"""A provider whose resources live in a cloud account: the shared way from a request to the inventory and back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rehearsal.providers import latency, paths
from rehearsal.providers.autonaming import generate, generate_uuid
from rehearsal.providers.cloud import NOTES, Cloud, secret
from rehearsal.providers.conditions import holds
from rehearsal.providers.diff import Change, Diff, changes, replacing
from rehearsal.providers.enforcement import Subject, check_protection
from rehearsal.providers.errors import CheckFailure, CloudError
from rehearsal.providers.inventory import Resource
from rehearsal.providers.provider import GONE, Created, Found, Operation, configuration_diff, refuse_function
from rehearsal.providers.rules import Autoname, ResourceRules
from rehearsal.providers.wire import Properties, plain


class CloudProvider(Cloud):
    """The provider protocol over a cloud."""

    def configure(self, configuration: Properties) -> None:
        self.configuration = plain(configuration)

    def diff_config(self, old: Properties, new: Properties) -> Diff:
        return configuration_diff(old, new)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        raise refuse_function(self.package, token)

    def check(self, operation: Operation) -> tuple[Properties, list[CheckFailure]]:
        rules = self.book.of(operation.type)
        inputs = {key: value for key, value in operation.inputs.items() if key != NOTES}
        notes: list[str] = []
        if rules.autoname is not None and rules.name is not None and rules.name not in inputs:
            notes.append(rules.name)
            inputs[rules.name] = _autoname(operation, rules.name, rules.autoname)
        missing = [
            CheckFailure(key, f"missing required property '{key}'") for key in rules.requires if key not in inputs
        ]
        return {**inputs, NOTES: notes}, missing

    def diff(self, operation: Operation) -> Diff:
        rules = self.book.of(operation.type)
        old = operation.old_inputs or {key: operation.old_outputs.get(key) for key in operation.inputs}
        found = changes(old, operation.inputs)
        replaces = [change.path for change in found if _needs_new(change, rules)]
        replaces += self.implied_replaces(operation)
        fixed = (
            rules.name is not None and rules.autoname is not None and rules.name not in operation.inputs.get(NOTES, [])
        )
        same_name = rules.name is not None and old.get(rules.name) == operation.inputs.get(rules.name)
        return Diff(changes=found, replaces=replaces, delete_before_replace=bool(replaces) and fixed and same_name)

    def create(self, operation: Operation) -> Created:
        rules = self.book.of(operation.type)
        if operation.preview:
            return Created("", self.pending_outputs(operation, rules))
        asked = subject = self.subject(operation, incarnation=1)
        self._check_create(asked)
        latency.wait(operation.type, "create", inputs=subject.inputs, queue=self._queue(subject))
        count = self.inventory.next_incarnation(subject.account, subject.type, f"{subject.scope}/{subject.name}")
        subject = self.subject(operation, incarnation=count)
        # Others go on writing while that takes its time.
        with self.backing.creating(subject), self.inventory.transaction():
            self._check_create(asked)
            row = self._store(operation, subject, count, datetime.now(UTC).isoformat(timespec="seconds"))
            self.created(row)
        return Created(row.id, self.outputs(operation, subject, row))

    def read(self, operation: Operation) -> Found:
        row = self.row(operation) or self._adopted(operation)
        if row is None:
            return GONE
        inputs = self.inventory.restored(row.inputs, operation.old_inputs)
        return Found(row.id, inputs, self.inventory.restored(row.outputs, operation.old_outputs))

    def update(self, operation: Operation) -> Properties:
        rules = self.book.of(operation.type)
        if operation.preview:
            return self.pending_outputs(operation, rules)
        row = self._existing(operation)
        subject = replace(self.subject(operation, incarnation=row.incarnation), id=row.id)
        self._check_update(operation, subject, row)
        latency.wait(operation.type, "update", queue=self._queue(subject))
        with self.backing.updating(subject, row), self.inventory.transaction():
            row = self._existing(operation)
            row = self._store(operation, subject, row.incarnation, row.created)
        return self.outputs(operation, subject, row)

    def delete(self, operation: Operation) -> None:
        rules = self.book.of(operation.type)
        state = plain(operation.old_outputs)
        check_protection(rules, operation.id, state)
        row = self.row(operation)
        if row is None or state.get("deletionPolicy") == "ABANDON":
            return
        self._check_delete(row)
        latency.wait(operation.type, "delete", queue=self._queue(self.subject_of(row)))
        with self.inventory.transaction():
            self._check_delete(row)
            removed = self.remove(row)
        self.backing.gone(removed)

    def row(self, operation: Operation) -> Resource | None:
        row = self.inventory.get(operation.type, operation.id)
        return None if row is None or row.retained else row

    def _adopted(self, operation: Operation) -> Resource | None:
        """What cannot be deleted can be imported again."""
        row = self.inventory.get(operation.type, operation.id)
        retention = self.book.of(operation.type).survives_delete
        if row is None or retention is None or retention.days is not None or operation.old_outputs:
            return None
        return self.inventory.put(replace(row, retained=False))

    def remove(self, row: Resource) -> list[Resource]:
        """Deletes a resource and what goes along, or marks it as retained. Returns all of it as it was."""
        removed = [row]
        for companion in self.referee.companions(row):
            removed += self.remove(companion)
        retention = self.book.of(row.type).survives_delete
        if retention is not None and not (retention.unless and paths.first(row.inputs, retention.unless) is True):
            self.inventory.put(replace(row, retained=True))
        else:
            self.inventory.delete(row)
        self.deleted(row)
        return removed

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
        self.check_operation("delete", self.subject_of(row), row)
        self.referee.check_blockers(row)

    def _existing(self, operation: Operation) -> Resource:
        row = self.row(operation)
        if row is None:
            raise CloudError(f"the resource '{operation.id}' was not found, notFound")
        return row

    def _queue(self, subject: Subject) -> str | None:
        group = latency.serial_group(subject.type)
        return f"{group}/{paths.first(subject.inputs, group)}" if group else None

    def _store(self, operation: Operation, subject: Subject, incarnation: int, created: str) -> Resource:
        hidden = subject.rules.secret_outputs | subject.rules.unmarked_secrets
        row = Resource(
            account=subject.account,
            type=subject.type,
            id=subject.id,
            name=subject.name,
            scope=subject.scope,
            incarnation=incarnation,
            inputs=secret(operation.inputs, hidden),
            outputs={},
            created=created,
        )
        outputs = secret(self.outputs(operation, subject, row), hidden)
        return self.inventory.put(replace(row, outputs=outputs))


def _autoname(operation: Operation, name: str, rule: Autoname) -> Any:
    kept = operation.old_inputs.get(name)
    if kept is not None and name in operation.old_inputs.get(NOTES, []):
        return kept
    if rule.form == "uuid":
        return generate_uuid(operation.name, operation.seed)
    return generate(
        operation.name,
        operation.seed,
        digits=rule.digits,
        separator=rule.separator,
        longest=rule.longest,
        engine=operation.autonaming,
    )


def _needs_new(change: Change, rules: ResourceRules) -> bool:
    condition = rules.replaces_if.get(change.path)
    if condition is not None:
        return holds(condition, change)
    return replacing(change, rules.replaces)
