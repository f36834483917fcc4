"""Log collection: Grafana Alloy on every node, reading the files that the kubelet writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.platform.sizing import requests
from components.releases import ChartSource, release_args
from components.versions import ALLOY

POSITIONS = "/var/lib/alloy"
"""Folder of the node that keeps how far each file was read: in the pod it would be lost at each restart."""


@dataclass(frozen=True, kw_only=True)
class AlloyArgs:
    push_url: pulumi.Input[str]
    """Where Loki takes logs in."""

    namespace: pulumi.Resource
    """The namespace that the agents run in: `monitoring`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Alloy(pulumi.ComponentResource):
    """Sends the logs of every pod to Loki, with namespace, pod, container and app as labels."""

    def __init__(self, name: str, args: AlloyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Alloy", name, {}, opts)
        kubernetes.helm.v3.Release(
            f"{name}-agents",
            release_args(
                args.charts,
                ALLOY,
                name="alloy",
                namespace="monitoring",
                values=alloy_values(args.push_url),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors, *args.nodes]),
        )
        self.register_outputs({})


def alloy_values(push_url: pulumi.Input[str]) -> dict[str, Any]:
    """Values of the Alloy chart."""
    return {
        "fullnameOverride": "alloy",
        "crds": {"create": False},
        "alloy": {
            "configMap": {"content": pulumi.Output.from_input(push_url).apply(pipeline)},
            "enableReporting": False,
            "storagePath": POSITIONS,
            "mounts": {"varlog": True, "extra": [{"name": "positions", "mountPath": POSITIONS}]},
            "resources": requests("50m", "256Mi"),
        },
        "controller": {
            "type": "daemonset",
            "tolerations": [{"operator": "Exists"}],
            "volumes": {"extra": [{"name": "positions", "hostPath": {"path": POSITIONS, "type": "DirectoryOrCreate"}}]},
        },
        "serviceMonitor": {"enabled": True},
    }


def pipeline(push_url: str) -> str:
    """Alloy's configuration: find the node's pods, read their files, unpack what is JSON, push."""
    return f"""\
discovery.kubernetes "pods" {{
  role = "pod"
  selectors {{
    role  = "pod"
    field = "spec.nodeName=" + coalesce(sys.env("HOSTNAME"), constants.hostname)
  }}
}}

discovery.relabel "pods" {{
  targets = discovery.kubernetes.pods.targets
  rule {{
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_container_name"]
    target_label  = "container"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]
    target_label  = "app"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]
    separator     = "/"
    target_label  = "__path__"
    replacement   = "/var/log/pods/*$1/*.log"
  }}
}}

local.file_match "pods" {{
  path_targets = discovery.relabel.pods.output
}}

loki.source.file "pods" {{
  targets    = local.file_match.pods.targets
  forward_to = [loki.process.pods.receiver]
}}

loki.process "pods" {{
  stage.cri {{ }}
  stage.json {{
    expressions = {{ level = "level", request_id = "request_id", trace_id = "trace_id" }}
  }}
  stage.labels {{
    values = {{ level = "" }}
  }}
  stage.structured_metadata {{
    values = {{ request_id = "", trace_id = "" }}
  }}
  forward_to = [loki.write.stack.receiver]
}}

loki.write "stack" {{
  endpoint {{
    url = "{push_url}"
  }}
}}
"""
