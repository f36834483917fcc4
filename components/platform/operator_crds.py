"""The custom resource definitions of the Prometheus operator, as a release of their own that can be upgraded."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING
from components.releases import ChartSource, release_args
from stacks.versions import PROMETHEUS_OPERATOR_CRDS


@dataclass(frozen=True, kw_only=True)
class OperatorCrdsArgs:
    namespace: pulumi.Resource
    """The namespace that keeps the release's record: `monitoring`."""

    charts: ChartSource
    """Where charts come from."""


class OperatorCrds(pulumi.ComponentResource):
    """Definitions only: nothing runs, so nothing waits for nodes."""

    def __init__(self, name: str, args: OperatorCrdsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OperatorCrds", name, {}, opts)
        self.release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(PROMETHEUS_OPERATOR_CRDS),
                name="prometheus-operator-crds",
                namespace=MONITORING,
                values={},
                timeout=300,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        self.register_outputs({})
