"""The public zone of a stack's domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.contracts.identities import WorkloadIdentity


@dataclass(frozen=True, kw_only=True)
class SolverWebhook:
    """A program that answers challenges for a DNS that cert-manager knows no solver for."""

    image: str
    """Its image, with the tag."""

    group: str
    """The API group that it serves, and that the issuer names: `groupName`."""


@dataclass(frozen=True, kw_only=True)
class Dns:
    """The public zone of the stack's domain, and who may write in it."""

    name_servers: pulumi.Input[Sequence[str]]
    """What the zone above has to delegate the domain to."""

    solver: Mapping[str, Any]
    """The `dns01` block of a cert-manager issuer. One that names a webhook works beside `solver_webhook` alone."""

    solver_webhook: SolverWebhook | None = None
    """What answers challenges in cert-manager's place; cert-manager itself, if not given."""

    solver_identity: WorkloadIdentity
    """Who answers the challenges of a certificate authority."""

    external_dns: Mapping[str, Any]
    """Values of the external-dns chart: the provider, and how it finds the zone."""

    records_identity: WorkloadIdentity
    """Who writes the records of the stack's hosts."""
