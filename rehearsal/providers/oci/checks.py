"""What Oracle Cloud refuses beyond the rules of its table. Each check names its source."""

from collections.abc import Callable
from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci import cluster_checks, network_checks, policies

_BUCKET: Final = "oci:ObjectStorage/bucket:Bucket"
_USER: Final = "oci:Identity/user:User"
_MOST_KEYS: Final = 2

Check = Callable[[Subject, Inventory], None]


def check_write(subject: Subject, inventory: Inventory, region: str) -> None:
    """Looks at a creation or an update before the inventory changes."""
    for check in _CHECKS.get(subject.type, ()):
        check(subject, inventory)
    if subject.type == _LIFECYCLE:
        _check_lifecycle(subject, inventory, region)


def _check_root(subject: Subject, inventory: Inventory) -> None:
    """Source: docs.oracle.com/iaas/Content/Identity/Tasks/managingdynamicgroups.htm: groups and users are of the
    tenancy, whose OCID stands for the root compartment.
    """
    compartment = subject.inputs.get("compartmentId")
    if compartment is not None and f"oci/{compartment}" != subject.account:
        raise CloudError(f"Error 400-InvalidParameter: compartmentId must be the tenancy, not {compartment}")


def _check_user(subject: Subject, inventory: Inventory) -> None:
    """Source: github.com/oracle/terraform-provider-oci/issues/2388; SDK docstring of email (unique)."""
    email = subject.inputs.get("email")
    if not email:
        raise CloudError("Error 400-IdcsConversionError: The primary email must be specified.")
    for other in inventory.list(account=subject.account, type=_USER, retained=False):
        if other.id != subject.id and other.inputs.get("email") == email:
            raise CloudError(f"Error 409-UserAlreadyExists: the email {email} is used by another user")


def _check_key_limit(subject: Subject, inventory: Inventory) -> None:
    """Source: docs.oracle.com/iaas/Content/Identity/Tasks/managingcredentials.htm (two customer secret keys a user)."""
    rows = inventory.list(account=subject.account, type=subject.type, retained=False)
    others = [row for row in rows if row.id != subject.id and row.inputs["userId"] == subject.inputs["userId"]]
    if len(others) >= _MOST_KEYS:
        raise CloudError(f"Error 400-LimitExceeded: a user has at most {_MOST_KEYS} customer secret keys")


def _check_lifecycle(subject: Subject, inventory: Inventory, region: str) -> None:
    """Sources: SDK docstring of target and action; docs.oracle.com/iaas/Content/Object/Tasks/
    usinglifecyclepolicies.htm (the service needs a grant); the answer in github.com/oracle/ocifs/issues/48.
    """
    names: set[str] = set()
    for rule in paths.select(subject.inputs, "rules[*]"):
        if (rule["action"] == "ABORT") != (rule.get("target", "objects") == "multipart-uploads"):
            raise CloudError("Error 400-InvalidLifecycle: ABORT is for multipart-uploads, and nothing else is for them")
        if rule["name"] in names or not str(rule["timeAmount"]).isdigit():
            raise CloudError(f"Error 400-InvalidLifecycle: the rule {rule['name']} is there twice or has no time")
        names.add(rule["name"])
    found = [
        row
        for row in inventory.list(account=subject.account, type=_BUCKET, retained=False)
        if row.name == subject.inputs["bucket"] and row.inputs["namespace"] == subject.inputs["namespace"]
    ]
    if not found:
        raise CloudError(f"Error 404-BucketNotFound: there is no bucket '{subject.inputs['bucket']}'")
    service = f"objectstorage-{region}"
    for statement in policies.statements_of(subject.account, inventory):
        mine = (statement.kind, statement.name, statement.verb) == ("service", service, "manage")
        reaches = policies.applies(statement, found[0].inputs["compartmentId"], "target.bucket.name", found[0].name)
        if mine and reaches and statement.what == "object-family":
            return
    raise CloudError(
        f'Error 400-InsufficientServicePermissions: Permissions granted to the object storage service principal "'
        f'{service}" to this bucket are insufficient.'
    )


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


_LIFECYCLE: Final = "oci:ObjectStorage/objectLifecyclePolicy:ObjectLifecyclePolicy"
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
    "oci:Identity/customerSecretKey:CustomerSecretKey": (_check_key_limit,),
    "oci:Identity/dynamicGroup:DynamicGroup": (_check_root,),
    "oci:Identity/group:Group": (_check_root,),
    "oci:Identity/policy:Policy": (policies.check_policy,),
    "oci:Identity/user:User": (_check_root, _check_user),
    "oci:Logging/log:Log": (_check_log,),
}
