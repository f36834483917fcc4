"""Objects of Dapr's own kinds. They have a field beside `spec` that Pulumi's class for custom resources cannot say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi

Kind = Literal["Component", "Configuration", "Resiliency", "Subscription"]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One object of Dapr, before anybody says in which namespace."""

    kind: Kind
    name: str
    spec: dict[str, Any]
    scopes: Sequence[str] = ()
    """Services that load it; for a Configuration, which pods choose by its name, none."""

    @property
    def api_version(self) -> str:
        """Subscriptions have routes since their second version alone."""
        return "dapr.io/v2alpha1" if self.kind == "Subscription" else "dapr.io/v1alpha1"


class DaprObject(pulumi.CustomResource):
    """An object of Dapr in the cluster."""

    def __init__(self, resource_name: str, declared: Declared, namespace: str, opts: pulumi.ResourceOptions) -> None:
        scopes = {"scopes": list(declared.scopes)} if declared.kind != "Configuration" else {}
        super().__init__(
            f"kubernetes:{declared.api_version}:{declared.kind}",
            resource_name,
            {
                "apiVersion": declared.api_version,
                "kind": declared.kind,
                "metadata": {"name": declared.name, "namespace": namespace},
                "spec": declared.spec,
                **scopes,
            },
            opts,
        )
