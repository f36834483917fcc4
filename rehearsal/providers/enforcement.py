"""Holds an operation against the rules and the inventory, and refuses what the cloud would refuse."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.diff import Change, replacing
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.rules import ResourceRules, RuleBook
from rehearsal.providers.wire import Properties


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The resource that an operation is about, secrets laid open."""

    type: str
    account: str
    id: str
    name: str
    scope: str
    inputs: Properties
    rules: ResourceRules


class Referee:
    """Knows the rules of one cloud and what exists in it."""

    def __init__(
        self,
        book: RuleBook,
        inventory: Inventory,
        *,
        normalize: Callable[[str], str] = str,
        exists_outside: Callable[[str, str, Subject], bool] = lambda *_: False,
    ) -> None:
        self._book = book
        self._inventory = inventory
        self._normalize = normalize
        self._exists_outside = exists_outside

    def find(self, types: Iterable[str], value: str, account: str) -> Resource | None:
        """The resource that a reference names: by id, by another of its identities, or by name in the same account."""
        wanted = self._normalize(value)
        for resource_type in types:
            direct = self._inventory.get(resource_type, wanted)
            if direct is not None and not direct.retained:
                return direct
            known_as = self._book.of(resource_type).known_as
            for row in self._inventory.list(type=resource_type):
                if self._is_called(row, wanted, known_as, account):
                    return row
        return None

    def check_references(self, subject: Subject) -> None:
        """Everything that the inputs refer to has to exist."""
        for path, types in subject.rules.references.items():
            for value in paths.select(subject.inputs, path):
                if not isinstance(value, str) or self._exists_outside(types[0], value, subject):
                    continue
                if self.find(types, value, subject.account) is None:
                    kind = types[0].rpartition(":")[2]
                    raise CloudError(f"{path} refers to the {kind} '{value}', which does not exist, notFound")

    def check_unique(self, subject: Subject) -> None:
        """No two of a name where the cloud wants it unique, not even one that was deleted and stays."""
        if subject.rules.repeatable or subject.rules.scope is None:
            return
        for row in self._inventory.list(type=subject.type):
            if row.scope == subject.scope and row.name == subject.name and not _has_expired(row, subject.rules):
                retention = subject.rules.survives_delete
                stays = f" (deleted, but {retention.why})" if row.retained and retention is not None else ""
                raise CloudError(f"the resource '{subject.id}' already exists{stays}, alreadyExists")

    def check_quota(self, subject: Subject) -> None:
        limit = subject.rules.quota.get("limit")
        if limit is None:
            return
        present = [row for row in self._inventory.list(type=subject.type, retained=False) if _counts(row, subject)]
        if len(present) >= limit:
            raise CloudError(f"quota of {limit} {subject.type.rpartition(':')[2]} exceeded, limit {limit}")

    def check_immutable(self, subject: Subject, changes: Iterable[Change]) -> None:
        """An update of something that the cloud fixes at creation is refused."""
        for change in changes:
            if replacing(change, subject.rules.immutable):
                raise CloudError(f"{change.path} cannot be changed after creation of '{subject.id}'")

    def check_blockers(self, row: Resource) -> None:
        """Nothing that still depends on it may exist."""
        for resource_type, path in self._book.blockers(row.type):
            for other in self._inventory.list(type=resource_type, retained=False):
                values = [value for value in paths.select(other.inputs, path) if isinstance(value, str)]
                if any(self._refers(value, other, row) for value in values):
                    raise CloudError(
                        f"the resource '{row.id}' is already being used by '{other.id}', resourceInUseByAnotherResource"
                    )

    def companions(self, row: Resource) -> list[Resource]:
        """What goes along when this one goes."""
        return [
            other
            for resource_type, path in self._book.companions(row.type)
            for other in self._inventory.list(type=resource_type)
            if any(self._refers(value, other, row) for value in paths.select(other.inputs, path))
        ]

    def _refers(self, value: Any, other: Resource, row: Resource) -> bool:
        found = self.find([row.type], value, other.account) if isinstance(value, str) else None
        return found is not None and (found.account, found.id) == (row.account, row.id)

    def _is_called(self, row: Resource, wanted: str, known_as: tuple[str, ...], account: str) -> bool:
        if row.retained:
            return False
        if row.account == account and row.name == wanted:
            return True
        names = (row.outputs.get(key) for key in known_as)
        return any(isinstance(name, str) and self._normalize(name) == wanted for name in names)


def check_protection(rules: ResourceRules, resource_id: str, outputs: Properties) -> None:
    """Guards that the provider reads from its state before it deletes anything."""
    if "deletionProtection" in rules.protected_by and outputs.get("deletionProtection") is True:
        raise CloudError(
            f"cannot destroy '{resource_id}' because deletionProtection is set to true. "
            "Set it to false, run an update, then delete it"
        )
    if "deletionPolicy" in rules.protected_by and outputs.get("deletionPolicy") == "PREVENT":
        raise CloudError(f"cannot destroy '{resource_id}' because deletionPolicy is set to PREVENT")


def _has_expired(row: Resource, rules: ResourceRules) -> bool:
    if not row.retained or rules.survives_delete is None or rules.survives_delete.days is None:
        return False
    return datetime.now(UTC) - datetime.fromisoformat(row.updated) > timedelta(days=rules.survives_delete.days)


def _counts(row: Resource, subject: Subject) -> bool:
    return row.account == subject.account and all(
        row.inputs.get(key) == subject.inputs.get(key) for key in subject.rules.quota.get("per", ())
    )
