"""What scales services: KEDA, and what pods use at the moment where the cloud does not say it."""

import pulumi

from components.namespaces import KEDA
from components.platform.base import Base
from components.platform.keda import Keda, KedaArgs
from components.platform.metrics_server import MetricsServer, MetricsServerArgs


def build_autoscaling(base: Base) -> pulumi.Resource:
    """Registers both. Answers the release that ScaledObjects depend on."""
    keda = Keda(
        "keda",
        KedaArgs(
            high_availability=base.stack.high_availability,
            namespace=base.namespaces[KEDA],
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    if not base.capabilities.metrics_server:
        MetricsServer(
            "metrics-server",
            MetricsServerArgs(
                high_availability=base.stack.high_availability,
                kubelet_certificates=base.capabilities.kubelet_certificates,
                service_monitors=base.crds,
                nodes=base.nodes,
                charts=base.charts,
            ),
            base.opts,
        )
    return keda.release
