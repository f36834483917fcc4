"""The canary of a service: its pods, and what takes them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.releases import release_args
from components.services.application_service import ApplicationServiceArgs, service_values
from components.services.chart import CHART
from components.services.gateway.canaries import canary_release
from components.services.gateway.canary_model import Canary
from components.services.gateway.canary_rules import canary_groups, scaled_object
from components.services.model import WorkloadSpec
from components.services.pods.placement_model import Disruption


@dataclass(frozen=True, kw_only=True)
class CanaryReleaseArgs:
    service: ApplicationServiceArgs
    """The service that it is a canary of."""

    canary: Canary
    """What the workload file says of it."""

    stable: pulumi.Resource
    """The release of the service, whose service account it uses."""

    taken_back: Sequence[pulumi.Resource]
    """What takes it back: the definition of ScaledObjects with what reads them, and the rules of Prometheus."""


class CanaryRelease(pulumi.ComponentResource):
    """A release of another build under the name `<service>-canary`, which the gateway sends requests to."""

    def __init__(self, name: str, args: CanaryReleaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:CanaryRelease", name, {}, opts)
        service, canary = args.service, args.canary
        release = kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                {"chart": CHART},
                name=canary_release(service.service),
                namespace=service.workload,
                values=canary_values(service, canary),
                timeout=300,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.stable, *service.waits_for]),
        )
        if canary.rollback is not None:
            kubernetes.apiextensions.CustomResource(
                f"{name}-scaling",
                api_version="keda.sh/v1alpha1",
                kind="ScaledObject",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    name=canary_release(service.service), namespace=service.workload
                ),
                spec=scaled_object(service.workload, service.service, canary),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[release, *args.taken_back]),
            )
        self.register_outputs({})


def canary_values(service: ApplicationServiceArgs, canary: Canary) -> dict[str, Any]:
    """Values of the app-service chart: those of the service, but for what makes it another build."""
    repository = canary.image.repository or service.spec.image.repository
    image = canary.image.model_copy(update={"repository": repository})
    changes = {
        "image": image,
        "replicas": canary.replicas,
        "env": {**service.spec.env, **canary.env},
        # How many there are is said beside it, and what the service does at fixed times it does once.
        "autoscaling": None,
        "disruption": Disruption(),
        "jobs": {},
        "migrations": None,
    }
    values = service_values(replace(service, spec=service.spec.model_copy(update=changes)))
    token = values.get("serviceAccount", {}).get("token", False)
    return {
        **values,
        "podAddresses": True,
        "autoscaled": canary.rollback is not None,
        # Who the service is to the cloud and to the cluster, the canary is as well.
        "serviceAccount": {"name": service.service, "token": token},
    }


@dataclass(frozen=True, kw_only=True)
class CanariesArgs:
    workload: str
    """Name of the workload; its namespace has the same name."""

    spec: WorkloadSpec
    """What the workload file says."""

    services: Mapping[str, ApplicationServiceArgs]
    """The services by name."""

    releases: Mapping[str, pulumi.Resource]
    """Their releases."""

    namespace: pulumi.Resource
    """The namespace, as the resource to depend on."""

    service_monitors: pulumi.Resource
    """The Prometheus operator's definitions, which rules are made of."""

    scaler: pulumi.Resource
    """The release that ScaledObjects are made of and scaled by."""

    runbooks: str
    """Address of the repository's files, which the links of alerts to their runbooks begin with."""


def build_canaries(name: str, args: CanariesArgs, opts: pulumi.ResourceOptions) -> None:
    """Registers the canaries of a workload, and the rules by which they are taken back."""
    rules = [
        kubernetes.apiextensions.CustomResource(
            f"{name}-canaries",
            api_version="monitoring.coreos.com/v1",
            kind="PrometheusRule",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name="canaries", namespace=args.workload),
            spec={"groups": groups},
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(depends_on=[args.namespace, args.service_monitors])
            ),
        )
        for groups in [canary_groups(args.workload, args.spec, args.runbooks)]
        if groups
    ]
    for service, spec in args.spec.services.items():
        if spec.canary is not None:
            release = CanaryReleaseArgs(
                service=args.services[service],
                canary=spec.canary,
                stable=args.releases[service],
                taken_back=[args.scaler, *rules],
            )
            CanaryRelease(f"{name}-{service}-canary", release, opts)
