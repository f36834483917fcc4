"""Queues of workloads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.contracts.identities import ServiceAccount


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A workload's queue. Pods use it by the identity of their service account: there is no key."""

    variables: Mapping[str, pulumi.Input[str]]
    """What the cloud's library has to be told, by name: `QUEUE`, and what else it finds the queue by."""

    grants: Mapping[ServiceAccount, Sequence[pulumi.Resource]]
    """By service account, what its pods wait for."""

    ports: Sequence[int] = ()
    """TCP ports at which the cloud's library speaks to it, besides that of HTTPS."""
