"""What a workload file says of dashboards: which templates are deployed for a workload, and for a service of it."""

from typing import Annotated, Literal

from stacks.model import Distinct

ServiceDashboard = Literal["circuit-breakers", "gateway", "services"]
WorkloadDashboard = Literal["caches", "circuit-breakers", "gateway", "machine-learning", "services"]
"""Templates by their files in dashboards/rendered/workload (docs/dashboards). Caches and machine learning show what
services have in common, so they are a workload's."""

ServiceDashboards = Annotated[tuple[ServiceDashboard, ...], Distinct]
WorkloadDashboards = Annotated[tuple[WorkloadDashboard, ...], Distinct]
