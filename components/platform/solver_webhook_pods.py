"""The pods of a program that answers challenges."""

from typing import Final

import pulumi_kubernetes as kubernetes

from components.contracts import SolverWebhook, WorkloadIdentity
from components.priorities import CRITICAL

PORT: Final = 8443
"""Where it listens: the protocol's own port, 443, is for root."""

USER: Final = 65532
"""User that has no rights in any image."""

CERTIFICATE: Final = "/tls"


def labels(account: str) -> dict[str, str]:
    """Labels of the pods."""
    return {"app.kubernetes.io/name": account}


def deployment(
    webhook: SolverWebhook, identity: WorkloadIdentity, high_availability: bool
) -> kubernetes.apps.v1.DeploymentSpecArgs:
    """The pods, with the token of their account: the program asks the API server about each request."""
    account = identity.service_account.name
    selector = kubernetes.meta.v1.LabelSelectorArgs(match_labels=labels(account))
    pod = kubernetes.core.v1.PodSpecArgs(
        service_account_name=account,
        priority_class_name=CRITICAL,
        security_context=kubernetes.core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            seccomp_profile=kubernetes.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        topology_spread_constraints=[
            kubernetes.core.v1.TopologySpreadConstraintArgs(
                max_skew=1, topology_key=topology, when_unsatisfiable="ScheduleAnyway", label_selector=selector
            )
            for topology in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
        ],
        containers=[_container(webhook, identity)],
        volumes=[
            kubernetes.core.v1.VolumeArgs(
                name="tls", secret=kubernetes.core.v1.SecretVolumeSourceArgs(secret_name=f"{account}-tls")
            )
        ],
    )
    return kubernetes.apps.v1.DeploymentSpecArgs(
        replicas=2 if high_availability else 1,
        selector=selector,
        template=kubernetes.core.v1.PodTemplateSpecArgs(
            metadata=kubernetes.meta.v1.ObjectMetaArgs(labels={**labels(account), **identity.pod_labels}), spec=pod
        ),
    )


def _container(webhook: SolverWebhook, identity: WorkloadIdentity) -> kubernetes.core.v1.ContainerArgs:
    variables = {"GROUP_NAME": webhook.group, **identity.env}
    return kubernetes.core.v1.ContainerArgs(
        name="webhook",
        image=webhook.image,
        args=[
            f"--secure-port={PORT}",
            f"--tls-cert-file={CERTIFICATE}/tls.crt",
            f"--tls-private-key-file={CERTIFICATE}/tls.key",
        ],
        env=[
            kubernetes.core.v1.EnvVarArgs(
                name="POD_NAMESPACE",
                value_from=kubernetes.core.v1.EnvVarSourceArgs(
                    field_ref=kubernetes.core.v1.ObjectFieldSelectorArgs(field_path="metadata.namespace")
                ),
            ),
            *(kubernetes.core.v1.EnvVarArgs(name=name, value=value) for name, value in variables.items()),
        ],
        ports=[kubernetes.core.v1.ContainerPortArgs(name="https", container_port=PORT)],
        readiness_probe=_probe("/readyz"),
        liveness_probe=_probe("/livez"),
        volume_mounts=[kubernetes.core.v1.VolumeMountArgs(name="tls", mount_path=CERTIFICATE, read_only=True)],
        resources=kubernetes.core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "48Mi"}, limits={"memory": "128Mi"}
        ),
        security_context=kubernetes.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=kubernetes.core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
    )


def _probe(path: str) -> kubernetes.core.v1.ProbeArgs:
    return kubernetes.core.v1.ProbeArgs(
        http_get=kubernetes.core.v1.HTTPGetActionArgs(path=path, port="https", scheme="HTTPS")
    )
