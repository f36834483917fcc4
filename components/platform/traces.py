"""Traces: the collector that services send to, Jaeger behind it, and the operator that puts agents into services."""

from dataclasses import dataclass

import pulumi

from components.namespaces import TRACING
from components.platform.base import Base
from components.platform.jaeger import Jaeger, JaegerArgs
from components.platform.otel_collector import OtelCollector, OtelCollectorArgs
from components.platform.otel_operator import OtelOperator, OtelOperatorArgs
from components.platform.prometheus_values import replicas


@dataclass(frozen=True, kw_only=True)
class Traces:
    """What workloads need of it."""

    agents: pulumi.Resource
    """The operator that puts agents into services which ask for one."""


def build_traces(base: Base, store_password: pulumi.Input[str] | None, own_ca: pulumi.Resource) -> Traces:
    """Registers everything between a service's span and a person who looks at its trace.

    `own_ca` is the authority of the operator's webhooks.
    """
    stack, namespace = base.stack, base.namespaces[TRACING]
    OtelCollector(
        "otel-collector",
        OtelCollectorArgs(
            environment=stack.environment,
            sampled_percent=stack.traces.sampled_percent,
            slow_ms=stack.traces.slow_ms,
            high_availability=stack.high_availability,
            prometheus_replicas=replicas(stack.high_availability),
            namespace=namespace,
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    Jaeger(
        "jaeger",
        JaegerArgs(
            retention_days=stack.traces.retention_days,
            storage_gib=stack.traces.storage_gib,
            storage_class=base.capabilities.storage_class,
            store=stack.traces.store,
            store_password=store_password,
            high_availability=stack.high_availability,
            protect=stack.protect,
            namespace=namespace,
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    operator = OtelOperator(
        "otel-operator",
        OtelOperatorArgs(
            high_availability=stack.high_availability,
            namespace=namespace,
            service_monitors=base.crds,
            own_ca=own_ca,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    return Traces(agents=operator.release)
