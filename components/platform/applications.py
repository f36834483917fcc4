"""What the workloads ask of the platform, before anything of it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.platform.data_operators import DataNeeds
from components.platform.gateway_config import Gateway


@dataclass(frozen=True, kw_only=True)
class Applications:
    """All workloads of a stack together."""

    teams: Mapping[str, str] = field(default_factory=dict[str, str])
    """Who gets the alerts about each workload, by its namespace."""

    workloads: Sequence[str] = ()
    """Their names, which are those of their namespaces."""

    data: DataNeeds = field(default_factory=DataNeeds)
    """Which data services they have."""

    backed_up: Sequence[str] = ()
    """Those with volumes that nothing backs up but Velero."""

    gateway: Gateway = field(default_factory=Gateway)
    """Their routes, and what these need."""
