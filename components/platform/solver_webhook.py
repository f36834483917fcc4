"""Answers challenges in cert-manager's place, for a cloud whose DNS cert-manager knows no solver for.

https://cert-manager.io/docs/configuration/acme/dns01/webhook/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import CERTIFICATES_SOLVER, SolverWebhook, WorkloadIdentity
from components.own_ca import ISSUER_REF
from components.platform.issuers import API_VERSION
from components.platform.solver_webhook_access import access
from components.platform.solver_webhook_pods import PORT, deployment, labels

VERSION: Final = "v1alpha1"
"""Version of cert-manager's protocol with such a program."""


@dataclass(frozen=True, kw_only=True)
class SolverWebhookServerArgs:
    webhook: SolverWebhook
    """The program."""

    identity: WorkloadIdentity
    """Who it is, to Kubernetes and to the cloud. It runs beside cert-manager."""

    high_availability: bool
    """Whether two pods answer."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `cert-manager`."""

    own_ca: pulumi.Resource
    """The cluster's own authority, which vouches for it to the API server."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""


class SolverWebhookServer(pulumi.ComponentResource):
    """The program, and the API group under which cert-manager finds it.

    The group is registered when the program answers: while one does not, Kubernetes deletes no namespace.
    """

    def __init__(self, name: str, args: SolverWebhookServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:SolverWebhookServer", name, {}, opts)
        account = args.identity.service_account.name
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.namespace])
        user = kubernetes.core.v1.ServiceAccount(
            f"{name}-account", metadata=metadata(account, annotations=args.identity.annotations), opts=child
        )
        rights = access(name, args.webhook.group, account, pulumi.ResourceOptions(parent=self, depends_on=[user]))
        certificate = kubernetes.apiextensions.CustomResource(
            f"{name}-certificate",
            api_version=API_VERSION,
            kind="Certificate",
            metadata=metadata(account),
            spec=certificate_spec(account),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace, args.own_ca]),
        )
        service = kubernetes.core.v1.Service(
            f"{name}-service", metadata=metadata(account), spec=service_spec(account), opts=child
        )
        server = kubernetes.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=metadata(account),
            spec=deployment(args.webhook, args.identity, args.high_availability),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*rights, certificate, *args.nodes]),
        )
        if args.high_availability:
            kubernetes.policy.v1.PodDisruptionBudget(
                f"{name}-disruption-budget", metadata=metadata(account), spec=budget_spec(account), opts=child
            )
        self.registered = kubernetes.apiregistration.v1.APIService(
            f"{name}-api",
            metadata=api_service_metadata(args.webhook.group, account),
            spec=api_service_spec(args.webhook.group, account),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[server, service]),
        )
        self.register_outputs({})


def metadata(name: str, annotations: Any = None) -> kubernetes.meta.v1.ObjectMetaArgs:
    """Metadata of everything that is called as the program's account."""
    return kubernetes.meta.v1.ObjectMetaArgs(
        name=name, namespace=CERTIFICATES_SOLVER.namespace, labels=labels(name), annotations=annotations or None
    )


def certificate_spec(account: str) -> dict[str, Any]:
    """What it shows the API server. Its Secret is called as its account, with `-tls`."""
    namespace = CERTIFICATES_SOLVER.namespace
    return {
        "secretName": f"{account}-tls",
        "dnsNames": [account, f"{account}.{namespace}", f"{account}.{namespace}.svc"],
        "duration": "2160h",
        "renewBeforePercentage": 33,
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "issuerRef": {**ISSUER_REF},
    }


def service_spec(account: str) -> kubernetes.core.v1.ServiceSpecArgs:
    """Where the API server asks it."""
    return kubernetes.core.v1.ServiceSpecArgs(
        selector=labels(account),
        ports=[kubernetes.core.v1.ServicePortArgs(name="https", port=443, target_port=PORT)],
    )


def budget_spec(account: str) -> kubernetes.policy.v1.PodDisruptionBudgetSpecArgs:
    """One pod of two goes at a time."""
    return kubernetes.policy.v1.PodDisruptionBudgetSpecArgs(
        max_unavailable=1, selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels=labels(account))
    )


def api_service_metadata(group: str, account: str) -> kubernetes.meta.v1.ObjectMetaArgs:
    """The name that the API prescribes. The authority is put in by cert-manager itself, again at each renewal."""
    return kubernetes.meta.v1.ObjectMetaArgs(
        name=f"{VERSION}.{group}",
        labels=labels(account),
        annotations={"cert-manager.io/inject-ca-from": f"{CERTIFICATES_SOLVER.namespace}/{account}"},
    )


def api_service_spec(group: str, service: str) -> kubernetes.apiregistration.v1.APIServiceSpecArgs:
    """Requests for the group go to the program, by way of the API server."""
    return kubernetes.apiregistration.v1.APIServiceSpecArgs(
        group=group,
        version=VERSION,
        group_priority_minimum=1000,
        version_priority=15,
        service=kubernetes.apiregistration.v1.ServiceReferenceArgs(
            name=service, namespace=CERTIFICATES_SOLVER.namespace
        ),
    )
