"""What Oracle's own log service keeps of an OKE stack: traffic of the subnets, and the cluster's control plane."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_oci as oci

STEP, LONGEST = 30, 180
"""Logs are kept for whole steps of days, and no longer than this."""


@dataclass(frozen=True, kw_only=True)
class OkeLogsArgs:
    compartment: str
    """OCID of the compartment."""

    cluster_name: str
    """Name of the cluster, which the log group is named after."""

    cluster: pulumi.Input[str]
    """OCID of the cluster."""

    subnets: Mapping[str, pulumi.Input[str]]
    """OCIDs of the subnets, by name."""

    retention_days: int
    """Days that logs are kept at least, up to 180."""


class OkeLogs(pulumi.ComponentResource):
    """A log group with a flow log for each subnet, and a log of the API server and the other control processes.

    Who changed what through Oracle's own API is logged without it, by OCI Audit.
    """

    def __init__(self, name: str, args: OkeLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:OkeLogs", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = oci.logging.LogGroup(
            f"{name}-group", compartment_id=args.compartment, display_name=args.cluster_name, opts=child
        )
        sources = {f"flow-{subnet}": ("flowlogs", "all", identity) for subnet, identity in args.subnets.items()}
        # Scheduler, controller managers and API server together:
        # https://docs.oracle.com/en-us/iaas/Content/Logging/Reference/details_for_container-engine.htm
        sources["control-plane"] = ("oke-k8s-cp-prod", "all-service-logs", args.cluster)
        for log, (service, category, resource) in sources.items():
            oci.logging.Log(
                f"{name}-{log}",
                display_name=log,
                log_group_id=group.id,
                log_type="SERVICE",
                is_enabled=True,
                retention_duration=kept_days(args.retention_days),
                configuration=oci.logging.LogConfigurationArgs(
                    compartment_id=args.compartment,
                    source=oci.logging.LogConfigurationSourceArgs(
                        source_type="OCISERVICE", service=service, category=category, resource=resource
                    ),
                ),
                opts=child,
            )
        self.register_outputs({})


def kept_days(wanted: int) -> int:
    """The fewest whole steps that are as long as wanted, or the longest there is."""
    return min(-(-wanted // STEP) * STEP, LONGEST)
