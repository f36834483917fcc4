"""Lets into the monitoring host whom an OIDC provider knows: oauth2-proxy, behind the gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.namespaces import MONITORING
from components.platform.credential_generation import generation
from components.priorities import PLATFORM
from stacks.observability import Oidc
from stacks.versions import OAUTH2_PROXY_IMAGE

NAME = "oauth2-proxy"
LABELS = {"app.kubernetes.io/name": NAME}

PORT = 4180
METRICS_PORT = 44180

SESSION = "8h"
"""How long somebody stays logged in, at most."""

REFRESHED = "15m"
"""How often a session is renewed; where the provider gives no token for that, it ends with the identity token."""

CALLBACK = "/oauth2/callback"
SIGN_OUT = "/oauth2/sign_out"


@dataclass(frozen=True, kw_only=True)
class OAuth2ProxyArgs:
    host: str
    """The monitoring host."""

    oidc: Oidc
    """The provider, and which of its users may enter."""

    client_secret: pulumi.Input[str]
    """Secret of the client."""

    upstreams: Mapping[str, str]
    """Address of what answers, by the path that it answers below. The path is passed on as it is."""

    high_availability: bool
    """Whether two replicas run, in different zones. Sessions are in cookies: either replica knows them."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `monitoring`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class OAuth2Proxy(pulumi.ComponentResource):
    """Asks the provider who somebody is, and passes the identity token on to what is behind it."""

    def __init__(self, name: str, args: OAuth2ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OAuth2Proxy", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        cookies = random.RandomPassword(
            f"{name}-cookies", length=32, special=False, opts=pulumi.ResourceOptions(parent=self)
        )
        secrets = kubernetes.core.v1.Secret(
            f"{name}-secrets",
            metadata=_metadata(),
            string_data={"client-secret": args.client_secret, "cookie-secret": cookies.result},
            opts=child,
        )
        kubernetes.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=_metadata(),
            spec=_deployment(args, generation(args.client_secret, cookies.result)),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[secrets, *args.nodes]),
        )
        kubernetes.core.v1.Service(f"{name}-service", metadata=_metadata(), spec=_service(), opts=child)
        kubernetes.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="ServiceMonitor",
            metadata=_metadata(),
            spec={"selector": {"matchLabels": LABELS}, "endpoints": [{"port": "metrics"}]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.service_monitors]),
        )
        if args.high_availability:
            kubernetes.policy.v1.PodDisruptionBudget(
                f"{name}-disruption-budget",
                metadata=_metadata(),
                spec=kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(max_unavailable=1, selector=_selector()),
                opts=child,
            )
        self.register_outputs({})


def arguments(host: str, oidc: Oidc, upstreams: Mapping[str, str]) -> list[str]:
    """The command line. https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview

    No address that a client claims to come from is believed: `--reverse-proxy` stays off.
    """
    return [
        "--provider=oidc",
        f"--oidc-issuer-url={oidc.issuer}",
        f"--client-id={oidc.client_id}",
        "--code-challenge-method=S256",
        f"--scope={' '.join(oidc.scopes)}",
        *(f"--allowed-group={_quoted(group)}" for group in oidc.groups),
        *(f"--email-domain={domain}" for domain in oidc.email_domains or ("*",)),
        f"--redirect-url=https://{host}{CALLBACK}",
        "--skip-provider-button=true",
        # Bound to this host by the browser itself: https://developer.mozilla.org/docs/Web/HTTP/Headers/Set-Cookie
        "--cookie-name=__Host-groundwork",
        "--cookie-samesite=lax",
        f"--cookie-expire={SESSION}",
        f"--cookie-refresh={REFRESHED}",
        "--pass-authorization-header=true",
        "--pass-basic-auth=false",
        "--pass-user-headers=true",
        # A program wants to hear that it is not logged in, not the page of a provider.
        *(f"--api-route=^{path}/api/" for path in upstreams),
        *(f"--upstream={address}{path}/" for path, address in upstreams.items()),
        f"--http-address=0.0.0.0:{PORT}",
        f"--metrics-address=0.0.0.0:{METRICS_PORT}",
        "--silence-ping-logging=true",
    ]


def _quoted(value: str) -> str:
    """A value for a flag that reads comma-separated ones: names of groups in a directory have commas."""
    escaped = value.replace('"', '""')
    return f'"{escaped}"' if {",", '"'} & set(value) else value


def _metadata() -> kubernetes.meta.v1.ObjectMetaArgs:
    return kubernetes.meta.v1.ObjectMetaArgs(name=NAME, namespace=MONITORING, labels=LABELS)


def _selector() -> kubernetes.meta.v1.LabelSelectorArgs:
    return kubernetes.meta.v1.LabelSelectorArgs(match_labels=LABELS)


def _service() -> kubernetes.core.v1.ServiceSpecArgs:
    ports = {"http": (80, PORT), "metrics": (METRICS_PORT, METRICS_PORT)}
    return kubernetes.core.v1.ServiceSpecArgs(
        selector=LABELS,
        ports=[
            kubernetes.core.v1.ServicePortArgs(name=name, port=port, target_port=target)
            for name, (port, target) in ports.items()
        ],
    )


def _deployment(args: OAuth2ProxyArgs, secrets: pulumi.Input[str]) -> kubernetes.apps.v1.DeploymentSpecArgs:
    pod = kubernetes.core.v1.PodSpecArgs(
        automount_service_account_token=False,
        priority_class_name=PLATFORM,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=65532,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        topology_spread_constraints=[
            kubernetes.core.v1.TopologySpreadConstraintArgs(
                max_skew=1,
                topology_key=topology,
                when_unsatisfiable="ScheduleAnyway",
                label_selector=_selector(),
            )
            for topology in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        containers=[_container(args)],
    )
    return kubernetes.apps.v1.DeploymentSpecArgs(
        replicas=2 if args.high_availability else 1,
        selector=_selector(),
        template=kubernetes.core.v1.PodTemplateSpecArgs(
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                labels=LABELS,
                # Variables are read once: other secrets bring other pods.
                annotations={"groundwork/secrets": secrets},
            ),
            spec=pod,
        ),
    )


def _container(args: OAuth2ProxyArgs) -> kubernetes.core.v1.ContainerArgs:
    secrets = {"OAUTH2_PROXY_CLIENT_SECRET": "client-secret", "OAUTH2_PROXY_COOKIE_SECRET": "cookie-secret"}
    return kubernetes.core.v1.ContainerArgs(
        name=NAME,
        image=OAUTH2_PROXY_IMAGE,
        args=arguments(args.host, args.oidc, args.upstreams),
        env=[
            kubernetes.core.v1.EnvVarArgs(
                name=variable,
                value_from=kubernetes.core.v1.EnvVarSourceArgs(
                    secret_key_ref=kubernetes.core.v1.SecretKeySelectorArgs(name=NAME, key=key)
                ),
            )
            for variable, key in secrets.items()
        ],
        ports=[
            kubernetes.core.v1.ContainerPortArgs(name="http", container_port=PORT),
            kubernetes.core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT),
        ],
        readiness_probe=_probe("/ready"),
        liveness_probe=_probe("/ping"),
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": "20m", "memory": "64Mi"}, limits={"memory": "64Mi"}
        ),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
    )


def _probe(path: str) -> kubernetes.core.v1.ProbeArgs:
    return kubernetes.core.v1.ProbeArgs(http_get=kubernetes.core.v1.HTTPGetActionArgs(path=path, port="http"))
