"""Values of the app-service chart for what stands in a pod."""

from typing import Any

from components.services.port_model import APP_PROTOCOLS, Port
from components.services.probe_model import Probe


def port_values(port: Port) -> dict[str, Any]:
    """A port, with what Kubernetes calls its protocol."""
    return {"port": port.number, "appProtocol": APP_PROTOCOLS[port.protocol]}


def probe_values(probe: Probe) -> dict[str, Any]:
    """A probe as Kubernetes spells it, on a port by its name."""
    asked = (
        {"httpGet": {"path": probe.path, "port": probe.port}}
        if probe.path is not None
        else {"grpc": {"port": probe.port, **({"service": probe.service} if probe.service else {})}}
    )
    return {
        **asked,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "failureThreshold": probe.failures,
    }
