"""Values of the Kong chart: how many pods, what they are told, and how they come and go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components.data.connections import SecretKey
from components.platform.certificates import GATEWAY_CERTIFICATE
from components.platform.gateway_plugins import PLUGINS
from components.platform.gateway_upstreams import DNS_NOT_FOUND_SECONDS, DNS_ORDER, DNS_VALID_SECONDS
from components.platform.kong_listeners import listener_environment, proxy
from components.pod_resources import requests
from components.priorities import CRITICAL
from components.restarts import restarts
from stacks.gateway import GatewaySettings
from stacks.versions import KONG_IMAGE_TAG

RELEASE: Final = "kong"

COUNTERS_PASSWORD: Final = "RATE_COUNTERS_PASSWORD"
"""Variable that has the password of the store of counters."""

DRAIN_SECONDS: Final = 30
"""How long a pod that is to end takes new connections: until the load balancer has seen that the node has none left,
which takes the slowest of them (Google: three probes, eight seconds apart) 24 seconds."""

LAST_SECONDS: Final = 60
"""How long requests and WebSockets may go on after that."""

CPU_PERCENT: Final = 75
"""Share of the CPU that pods ask for above which more of them are started."""


@dataclass(frozen=True, kw_only=True)
class KongPods:
    """What the values depend on."""

    configuration: str
    """Name of the Secret with the configuration."""

    rotates: bool = False
    """Whether that Secret changes by itself, since values of the vault are in it."""

    credentials: pulumi.Input[str]
    """Differs from that of every other set of credentials."""

    settings: GatewaySettings
    load_balancer: Mapping[str, pulumi.Input[str]] | None
    """Annotations of the load balancer, if there is one."""

    certified: bool
    """Whether there is a Secret with a certificate. Without one the gateway shows one that it signs itself."""

    counters_password: SecretKey | None
    """Password of the store of counters, if there is one."""

    large: bool
    """Whether a pod is sized for production."""


def kong_values(pods: KongPods) -> dict[str, Any]:
    """Values of the Kong chart."""
    watched = [
        *([pods.configuration] if pods.rotates else []),
        *([GATEWAY_CERTIFICATE] if pods.certified else []),
        *([pods.counters_password.name] if pods.counters_password else []),
    ]
    return {
        "fullnameOverride": RELEASE,
        "image": {"repository": "kong", "tag": KONG_IMAGE_TAG},
        "env": environment(pods),
        "customEnv": _secret_environment(pods.counters_password),
        "dblessConfig": {"secret": pods.configuration},
        "secretVolumes": [GATEWAY_CERTIFICATE] if pods.certified else [],
        # What Kong reads once: another content of these Secrets brings other pods.
        "deploymentAnnotations": restarts(*watched),
        "ingressController": {"enabled": False},
        "admin": {"enabled": False},
        "manager": {"enabled": False},
        "portal": {"enabled": False},
        "portalapi": {"enabled": False},
        "proxy": proxy(pods.load_balancer),
        # The chart looks for the definition where it renders, which may be before there is one. `service` is what Kong
        # calls so: the operator's own label, the Service of the gateway, would take its place.
        "serviceMonitor": {"enabled": True, "trustCRDsExist": True, "honorLabels": True},
        "priorityClassName": CRITICAL,
        "podAnnotations": {"groundwork/credentials": pods.credentials},
        "resources": requests("200m", "1Gi") if pods.large else requests("50m", "512Mi"),
        # Bodies that do not fit into memory are kept here until they are complete: a full one evicts the pod.
        "deployment": {"prefixDir": {"sizeLimit": f"{max(1024, 8 * pods.settings.max_body_mib)}Mi"}},
        **_replicas(pods.settings),
        **_ending(),
    }


def environment(pods: KongPods) -> dict[str, str]:
    """Kong's own settings. https://docs.konghq.com/gateway/3.9.x/reference/configuration/"""
    return {
        "database": "off",
        # No API to change anything, not even inside the pod, and no pages that would call it.
        "admin_listen": "off",
        "admin_gui_listen": "off",
        **listener_environment(),
        **_certificate(pods.certified),
        **_client_addresses(pods.settings.trusted_proxies),
        # Those that the program knows, and no others.
        "plugins": ",".join(PLUGINS),
        # The routes are checked against what this one takes.
        "router_flavor": "traditional_compatible",
        # Each process holds the whole configuration: as many as there are processors would not fit a small pod.
        "nginx_worker_processes": "2" if pods.large else "1",
        # Says no version to anybody.
        "headers": "off",
        # Requests act on pods, whose addresses change: nothing is believed for long, and no record's own port. While
        # nobody answers, what was said last holds for an hour, Kong's default.
        "dns_order": DNS_ORDER,
        "dns_valid_ttl": str(DNS_VALID_SECONDS),
        "dns_not_found_ttl": str(DNS_NOT_FOUND_SECONDS),
        "nginx_http_client_max_body_size": f"{pods.settings.max_body_mib}m",
        # A session with an identity token is several cookies of 4 KiB; nginx's own buffers hold one.
        "nginx_http_large_client_header_buffers": "8 32k",
        "nginx_proxy_proxy_buffer_size": "32k",
        "nginx_proxy_proxy_buffers": "8 32k",
    }


def spread(topology: str) -> dict[str, Any]:
    """One pod in each of them, while there are enough."""
    return {
        "maxSkew": 1,
        "topologyKey": topology,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "kong", "app.kubernetes.io/instance": RELEASE}},
    }


def _replicas(settings: GatewaySettings) -> dict[str, Any]:
    fewest, most = settings.min_replicas, settings.max_replicas
    utilization = {"type": "Utilization", "averageUtilization": CPU_PERCENT}
    return {
        # Where there is an autoscaler the chart leaves the number to it.
        "replicaCount": fewest,
        "autoscaling": {
            "enabled": most > fewest,
            "minReplicas": fewest,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}],
        },
        # A disruption budget for one pod would stop every drain of its node.
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1} if fewest > 1 else {"enabled": False},
        "topologySpreadConstraints": [spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")],
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
    }


def _ending() -> dict[str, Any]:
    quit_command = ["kong", "quit", f"--wait={DRAIN_SECONDS}", f"--timeout={LAST_SECONDS}"]
    return {
        "lifecycle": {"preStop": {"exec": {"command": quit_command}}},
        "terminationGracePeriodSeconds": DRAIN_SECONDS + LAST_SECONDS + 5,
    }


def _certificate(certified: bool) -> dict[str, str]:
    if not certified:
        return {}
    folder = f"/etc/secrets/{GATEWAY_CERTIFICATE}"
    return {"ssl_cert": f"{folder}/tls.crt", "ssl_cert_key": f"{folder}/tls.key"}


def _client_addresses(trusted: tuple[str, ...]) -> dict[str, str]:
    """Whom to believe about the client's address. Every load balancer here keeps it, so without more: nobody."""
    if not trusted:
        return {}
    return {"trusted_ips": ",".join(trusted), "real_ip_header": "X-Forwarded-For", "real_ip_recursive": "on"}


def _secret_environment(password: SecretKey | None) -> dict[str, Any]:
    if password is None:
        return {}
    return {COUNTERS_PASSWORD: {"valueFrom": {"secretKeyRef": {"name": password.name, "key": password.key}}}}
