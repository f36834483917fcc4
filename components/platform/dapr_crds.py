"""Dapr's definitions of custom resources, which Helm would install once and never upgrade."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import DAPR
from components.platform.carried_definitions import carried

DEFINITIONS = Path(__file__).with_suffix(".json")
"""The definitions of the chart at the version that the stack runs, without their descriptions, one a line."""

CONVERTED = "subscriptions.dapr.io"
"""The one that has had another version: Dapr's operator translates, in the namespace that it runs in."""


@dataclass(frozen=True, kw_only=True)
class DaprCrdsArgs:
    definitions: dict[str, Any]
    """`spec` of each definition, by its name."""


class DaprCrds(pulumi.ComponentResource):
    """Definitions only: nothing runs, so nothing waits for nodes. A later version of one changes it where it is, and
    the objects that are made of it stay.
    """

    def __init__(self, name: str, args: DaprCrdsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:DaprCrds", name, {}, opts)
        self.definitions: Sequence[pulumi.Resource] = [
            kubernetes.apiextensions.v1.CustomResourceDefinition(
                f"{name}-{definition.partition('.')[0]}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    name=definition, labels={"app.kubernetes.io/part-of": "dapr"}
                ),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for definition, spec in args.definitions.items()
        ]
        self.register_outputs({})


def dapr_definitions() -> dict[str, Any]:
    """`spec` of each definition, as the stack gets it."""
    definitions = _carried()
    return {**definitions, CONVERTED: in_namespace(definitions[CONVERTED])}


def in_namespace(spec: dict[str, Any]) -> dict[str, Any]:
    """The definition with the webhook's own namespace, in place of the text in the chart that the operator would
    overwrite. The authority of the webhook is the operator's to write, and to renew: nothing here touches it.
    """
    webhook = spec["conversion"]["webhook"]
    client = webhook["clientConfig"]
    service = {**client["service"], "namespace": DAPR}
    conversion = {**spec["conversion"], "webhook": {**webhook, "clientConfig": {**client, "service": service}}}
    return {**spec, "conversion": conversion}


@cache
def _carried() -> dict[str, Any]:
    return carried(DEFINITIONS)
