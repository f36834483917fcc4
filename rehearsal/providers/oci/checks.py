"""What Oracle Cloud refuses beyond the rules of its table. Each check names its source."""

from collections.abc import Callable
from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.oci import (
    cluster_checks,
    database_checks,
    identity_checks,
    network_checks,
    policies,
    storage_checks,
)

Check = Callable[[Subject, Inventory], None]
RegionalCheck = Callable[[Subject, Inventory, str], None]


def check_write(subject: Subject, inventory: Inventory, region: str, row: Resource | None) -> None:
    """Looks at a creation or an update before the inventory changes; `row` is what is updated."""
    identity_checks.check_home_region(subject, inventory, region)
    for check in _CHECKS.get(subject.type, ()):
        check(subject, inventory)
    regional = _REGIONAL_CHECKS.get(subject.type)
    if regional is not None:
        regional(subject, inventory, region)
    if subject.type == database_checks.DB_SYSTEM:
        database_checks.check_system(subject, inventory, row)


def check_delete(subject: Subject, inventory: Inventory, region: str) -> None:
    """Looks at a deletion before the inventory changes."""
    identity_checks.check_home_region(subject, inventory, region)


def _check_log(subject: Subject, inventory: Inventory) -> None:
    """Sources: SDK docstring of retentionDuration; docs.oracle.com/iaas/Content/Logging/Reference/
    details_for_container-engine.htm and details_for_vcn_flow_logs.htm.
    """
    days = subject.inputs.get("retentionDuration", 30)
    if days not in range(30, 181, 30):
        raise CloudError(f"Error 400-InvalidParameter: retentionDuration is a multiple of 30 up to 180, not {days}")
    source = paths.first(subject.inputs, "configuration.source") or {}
    known = _LOG_SOURCES.get(str(source.get("service")))
    if known is None:
        return
    resource_type, categories = known
    if source.get("category") not in categories:
        raise CloudError(
            f"Error 400-InvalidParameter: {source.get('service')} has no category {source.get('category')}"
        )
    if inventory.get(resource_type, str(source.get("resource"))) is None:
        raise CloudError(f"Error 404-NotAuthorizedOrNotFound: there is no {source.get('resource')} to log")


_LOG_SOURCES: Final = {
    "flowlogs": (network_checks.SUBNET, frozenset({"all"})),
    "oke-k8s-cp-prod": (
        cluster_checks.CLUSTER,
        frozenset(
            {
                "all-service-logs",
                "cloud-controller-manager",
                "kube-apiserver",
                "kube-controller-manager",
                "kube-scheduler",
            }
        ),
    ),
}
_CHECKS: Final[dict[str, tuple[Check, ...]]] = {
    "oci:ContainerEngine/addon:Addon": (cluster_checks.check_enhanced, cluster_checks.check_addon),
    "oci:ContainerEngine/cluster:Cluster": (cluster_checks.check_cluster,),
    "oci:ContainerEngine/clusterWorkloadMapping:ClusterWorkloadMapping": (cluster_checks.check_enhanced,),
    "oci:ContainerEngine/nodePool:NodePool": (cluster_checks.check_node_pool,),
    "oci:Core/networkSecurityGroupSecurityRule:NetworkSecurityGroupSecurityRule": (network_checks.check_security_rule,),
    "oci:Core/routeTable:RouteTable": (network_checks.check_route_table,),
    "oci:Core/subnet:Subnet": (network_checks.check_subnet,),
    "oci:Core/vcn:Vcn": (network_checks.check_vcn,),
    identity_checks.AUTH_TOKEN: (identity_checks.check_credentials,),
    identity_checks.SECRET_KEY: (identity_checks.check_credentials,),
    "oci:Identity/dynamicGroup:DynamicGroup": (identity_checks.check_root,),
    "oci:Identity/group:Group": (identity_checks.check_root,),
    "oci:Identity/policy:Policy": (policies.check_policy,),
    identity_checks.USER: (identity_checks.check_root, identity_checks.check_user),
    "oci:Logging/log:Log": (_check_log,),
}
_REGIONAL_CHECKS: Final[dict[str, RegionalCheck]] = {
    storage_checks.BUCKET: storage_checks.check_bucket,
    storage_checks.LIFECYCLE: storage_checks.check_lifecycle,
}
