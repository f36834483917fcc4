"""Traces: Jaeger, on a volume of its own or on a store that somebody else runs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.namespaces import TRACING
from components.platform.addresses import JAEGER, jaeger_url
from components.platform.credential_generation import generation
from components.platform.jaeger_config import DATA, PASSWORD_VARIABLE, jaeger_config, ui_config
from components.pod_resources import claim, requests
from components.pod_security import RESTRICTED_CONTAINER, RESTRICTED_POD
from components.releases import ChartSource, release_args
from stacks import versions
from stacks.observability import TraceStore

SECRET = "trace-store"
"""Name of the Secret with the password of an external store, under the key `password`."""

CLAIM = "jaeger-traces"
"""Name of the claim of the volume."""

USER = 10001
"""User and group that the image declares."""


@dataclass(frozen=True, kw_only=True)
class JaegerArgs:
    retention_days: int
    """Days that traces are kept. A store in Cassandra or behind a remote backend has its own."""

    storage_gib: int
    """Size of the volume in GiB; unused where `store` is given."""

    storage_class: str
    """StorageClass of the volume."""

    store: TraceStore | None
    """Where traces are kept instead of on a volume."""

    store_password: pulumi.Input[str] | None
    """Password of the user of `store`, where it has one."""

    high_availability: bool
    """Whether Jaeger is sized for many traces, and runs as two pods where `store` is given: a volume takes one only."""

    protect: bool
    """Whether the volume refuses to be destroyed."""

    namespace: pulumi.Resource
    """The namespace that Jaeger runs in: `tracing`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Jaeger(pulumi.ComponentResource):
    """Keeps traces for a time, and shows them."""

    url: pulumi.Output[str]
    """Where Grafana and the gateway ask for traces, below the path that people see."""

    def __init__(self, name: str, args: JaegerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Jaeger", name, {}, opts)
        waits_for = [args.namespace, *args.nodes, *self._volume(name, args), *self._password(name, args)]
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(versions.JAEGER),
                name=JAEGER,
                namespace=TRACING,
                values=jaeger_values(args, self._generation(name, args)),
                timeout=600,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=waits_for),
        )
        kubernetes.apiextensions.CustomResource(
            f"{name}-metrics",
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=JAEGER, namespace=TRACING),
            spec=service_monitor(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )

        # Known before the release is there: collectors and Grafana retry, so nothing has to wait for it.
        self.url = pulumi.Output.from_input(jaeger_url())
        self.register_outputs({"url": self.url})

    def _volume(self, name: str, args: JaegerArgs) -> list[pulumi.Resource]:
        if args.store is not None:
            return []
        volume = kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-traces",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=CLAIM,
                namespace=TRACING,
                # Most classes bind a volume once a pod wants it, and the pod comes after the claim.
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=claim(args.storage_class, args.storage_gib)["spec"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace], protect=args.protect),
        )
        return [volume]

    def _password(self, name: str, args: JaegerArgs) -> list[pulumi.Resource]:
        if args.store_password is None or args.store is None:
            return []
        secret = kubernetes.core.v1.Secret(
            f"{name}-store-password",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=SECRET, namespace=TRACING),
            string_data={"password": args.store_password},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        return [secret]

    def _generation(self, name: str, args: JaegerArgs) -> pulumi.Input[str] | None:
        """Differs from that of every other password: a new one brings new pods."""
        if args.store_password is None or not has_login(args):
            return None
        salt = random.RandomPassword(f"{name}-generation", length=32, opts=pulumi.ResourceOptions(parent=self))
        return generation(args.store_password, salt.result)


def jaeger_values(args: JaegerArgs, credential: pulumi.Input[str] | None = None) -> dict[str, Any]:
    """Values of the Jaeger chart. `credential` differs where the password of the store does."""
    replicated = args.high_availability and args.store is not None
    userconfig, uiconfig = jaeger_config(args.retention_days, args.store), ui_config(args.retention_days)
    return {
        "fullnameOverride": JAEGER,
        "userconfig": userconfig,
        "uiconfig": uiconfig,
        "jaeger": {
            "replicas": 2 if replicated else 1,
            # A volume goes from the old pod to the new one.
            "strategy": {"type": "RollingUpdate" if replicated else "Recreate"},
            "image": {"tag": versions.JAEGER_VERSION},
            # The chart restarts nothing when the configuration changes, and annotates no pods.
            "podLabels": {
                "groundwork/configuration": digest([userconfig, uiconfig]),
                **({"groundwork/credential": credential} if credential is not None else {}),
            },
            "extraEnv": environment(args),
            "resources": resources(args.high_availability),
            "serviceAccount": {"automountServiceAccountToken": False},
            "podSecurityContext": {**RESTRICTED_POD, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER},
            "securityContext": dict(RESTRICTED_CONTAINER),
            **(volume() if args.store is None else spread()),
        },
        **index_cleaner(args),
    }


def resources(high_availability: bool) -> dict[str, Any]:
    """Requests, and a limit that leaves room for the caches of the database in files."""
    cpu, memory, limit = ("500m", "1Gi", "2Gi") if high_availability else ("50m", "192Mi", "768Mi")
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": limit}}


def environment(args: JaegerArgs) -> list[dict[str, Any]]:
    """Four fifths of the limit for the heap, and the password by the name of its Secret."""
    variables: list[dict[str, Any]] = [
        {"name": "GOMEMLIMIT", "value": "1638MiB" if args.high_availability else "614MiB"}
    ]
    return [*variables, password(PASSWORD_VARIABLE)] if has_login(args) else variables


def has_login(args: JaegerArgs) -> bool:
    """Whether the store asks for a password."""
    return args.store is not None and args.store.username is not None and args.store_password is not None


def password(variable: str) -> dict[str, Any]:
    """The variable of a container that holds the password of the store."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": "password"}}}


def volume() -> dict[str, Any]:
    """The claim, mounted."""
    return {
        "extraVolumes": [{"name": "traces", "persistentVolumeClaim": {"claimName": CLAIM}}],
        "extraVolumeMounts": [{"name": "traces", "mountPath": DATA}],
    }


def spread() -> dict[str, Any]:
    """Pods in different zones while there are enough of them."""
    constraint = {
        "maxSkew": 1,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/instance": JAEGER}},
    }
    return {"topologySpreadConstraints": [constraint]}


def index_cleaner(args: JaegerArgs) -> dict[str, Any]:
    """Deletes the indices of days that are over, every night: Jaeger itself never deletes from a search engine.

    https://www.jaegertracing.io/docs/2.19/storage/elasticsearch/#index-cleaner
    """
    store = args.store
    if store is None or store.kind not in ("opensearch", "elasticsearch"):
        return {}
    login = [{"name": "ES_USERNAME", "value": store.username}, password("ES_PASSWORD")] if has_login(args) else []
    return {
        "storage": {"type": "elasticsearch", "elasticsearch": {"url": store.endpoints[0]}},
        "esIndexCleaner": {
            "enabled": True,
            "numberOfDays": args.retention_days,
            "image": {"tag": versions.JAEGER_VERSION},
            "extraEnv": login,
            "resources": requests("10m", "64Mi"),
            "podSecurityContext": {**RESTRICTED_POD, "runAsUser": USER},
            "securityContext": dict(RESTRICTED_CONTAINER),
        },
    }


def service_monitor() -> dict[str, Any]:
    """Where Jaeger's own metrics are; the chart brings none."""
    return {
        "selector": {
            "matchLabels": {"app.kubernetes.io/instance": JAEGER, "app.kubernetes.io/component": "all-in-one"}
        },
        "endpoints": [{"port": "internal-metrics", "path": "/metrics"}],
    }


def digest(configuration: Any) -> str:
    """Differs where the configuration does."""
    return hashlib.sha256(json.dumps(configuration, sort_keys=True).encode()).hexdigest()[:16]
