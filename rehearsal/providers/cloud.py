"""What every cloud has to say for itself, and how its tables become ids and outputs."""

import hashlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from rehearsal.providers.backing import backing_of
from rehearsal.providers.enforcement import Referee, Subject
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.provider import Operation
from rehearsal.providers.rules import ResourceRules, RuleBook
from rehearsal.providers.templates import fill, overlay, pending
from rehearsal.providers.wire import UNKNOWN, Properties, Secret, plain

if TYPE_CHECKING:
    from rehearsal.control_plane.pools.node_pools import Pool

NOTES = "__defaults"
"""Names of the inputs that the provider chose, kept among the inputs as bridged providers do."""


class Cloud(ABC):
    """A cloud with accounts, a table of rules and an inventory.

    The methods that do nothing here are for the clouds that have something to say (hence B027 is silenced).
    """

    package: ClassVar[str]
    cluster_type: ClassVar[str] = ""
    """The type of resource that has a Kubernetes API."""

    def __init__(self, book: RuleBook, inventory: Inventory) -> None:
        self.book = book
        self.inventory = inventory
        self.configuration: Properties = {}
        self.referee = Referee(book, inventory, normalize=self.normalize, exists_outside=self.exists_outside)
        self.backing = backing_of(self, inventory)

    @abstractmethod
    def account(self, inputs: Properties) -> str:
        """The account that something with these inputs belongs to, as the inventory names it."""

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

    def check_operation(self, operation: str, subject: Subject, row: Resource | None) -> None:  # noqa: B027
        """Refuses what only this cloud refuses."""

    def created(self, row: Resource) -> None:  # noqa: B027
        """What else comes into being with a resource."""

    def deleted(self, row: Resource) -> None:  # noqa: B027
        """What else goes with a resource."""

    def is_cluster(self, resource_type: str) -> bool:
        return resource_type == self.cluster_type

    def cluster_of(self, subject: Subject) -> str | None:
        return None

    def node_pools(self, subject: Subject) -> "list[Pool]":
        return []

    def former_node_pools(self, row: Resource) -> "list[Pool]":
        return []

    def place(self, subject: Subject) -> tuple[str, str]:
        return "", ""

    def implied_replaces(self, operation: Operation) -> list[str]:
        """Properties that changed because the provider's own settings did."""
        return []

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
            type=operation.type,
            account=account,
            id=identity,
            name=name or identity,
            scope=scope,
            inputs=inputs,
            rules=rules,
        )

    def subject_of(self, row: Resource) -> Subject:
        rules = self.book.of(row.type)
        return Subject(
            type=row.type,
            account=row.account,
            id=row.id,
            name=row.name,
            scope=row.scope,
            inputs=row.inputs,
            rules=rules,
        )

    def outputs(self, operation: Operation, subject: Subject, row: Resource) -> Properties:
        fields = {**self.fields(subject.type, subject.inputs), "id": subject.id, "created": row.created}
        fields |= incarnation_fields(subject.account, subject.type, f"{subject.scope}/{subject.name}", row.incarnation)
        fields |= self.computed_fields(subject, fields)
        computed = fill(dict(subject.rules.outputs), fields)
        return secret(overlay(computed, self._given(operation)), subject.rules.secret_outputs)

    def _given(self, operation: Operation) -> Properties:
        left_out = {NOTES, *self.book.of(operation.type).path_parameters}
        inputs = {key: value for key, value in operation.inputs.items() if key not in left_out}
        return self.shape(operation.type, inputs)

    def pending_outputs(self, operation: Operation, rules: ResourceRules) -> Properties:
        computed = {key: pending(item, operation.old_outputs.get(key)) for key, item in rules.outputs.items()}
        return secret(overlay(computed, self._given(operation)), rules.secret_outputs)


def incarnation_fields(account: str, resource_type: str, key: str, incarnation: int) -> Properties:
    """Digits for what a cloud generates: the same for the same resource, others for its successor."""
    digest = hashlib.sha256(f"{account}|{resource_type}|{key}|{incarnation}".encode()).hexdigest()
    return {"hash": digest, "digits": str(int(digest, 16)), "incarnation": str(incarnation)}


def secret(properties: Properties, names: frozenset[str]) -> Properties:
    def marked(key: str, value: Any) -> Any:
        return value if key not in names or value is UNKNOWN or isinstance(value, Secret) else Secret(value)

    return {key: marked(key, value) for key, value in properties.items()}
