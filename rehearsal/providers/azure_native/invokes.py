"""Answers to the functions of the azure-native package."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from rehearsal.providers.backing import Backing
from rehearsal.providers.certificates import cluster_authority
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.provider import refuse_function
from rehearsal.providers.wire import Properties

_CLUSTER: Final = "azure-native:containerservice:ManagedCluster"
_SERVER: Final = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Application id of the AKS server. Source: learn.microsoft.com/azure/aks/kubelogin-authentication."""


def answer(token: str, arguments: Properties, subscription: str, inventory: Inventory, backing: Backing) -> Properties:
    """The function's result; one that is not known fails by name."""
    function = _ANSWERS.get(token)
    if function is None:
        raise refuse_function("azure-native", token)
    return function(arguments, subscription, inventory, backing)


def _client(arguments: Properties, subscription: str, inventory: Inventory, backing: Backing) -> Properties:
    return {
        "clientId": _guid(f"client of {subscription}"),
        "objectId": _guid(f"operator of {subscription}"),
        "subscriptionId": subscription,
        "tenantId": _guid(f"tenant of {subscription}"),
    }


def _user_credentials(arguments: Properties, subscription: str, inventory: Inventory, backing: Backing) -> Properties:
    row = _cluster(arguments, subscription, inventory)
    return {
        "kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(_kubeconfig(row, backing).encode()).decode()}]
    }


def _admin_credentials(arguments: Properties, subscription: str, inventory: Inventory, backing: Backing) -> Properties:
    row = _cluster(arguments, subscription, inventory)
    if row.inputs.get("disableLocalAccounts") is True:
        raise CloudError(
            "Getting static credential is not allowed because this cluster is set to disable local accounts."
        )
    return _user_credentials(arguments, subscription, inventory, backing)


def _cluster(arguments: Properties, subscription: str, inventory: Inventory) -> Resource:
    group, name = arguments["resourceGroupName"], arguments["resourceName"]
    scope = f"/subscriptions/{subscription}/resourceGroups/{group}"
    identity = f"{scope}/providers/Microsoft.ContainerService/managedClusters/{name}"
    row = inventory.get(_CLUSTER, identity)
    if row is None:
        raise CloudError(f"Status=404 Code=\"ResourceNotFound\": the resource '{identity}' was not found.")
    return row


def server_name(row: Resource) -> str:
    """The name in a cluster's credentials: the private one where there is one."""
    return str(row.outputs["privateFQDN"] or row.outputs["fqdn"])


def _kubeconfig(row: Resource, backing: Backing) -> str:
    name, arguments = row.name, ["get-token", "--server-id", _SERVER, "--login", "devicecode"]
    execution: dict[str, Any] = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": arguments,
    }
    real = backing.api_server(row.id)
    authority = real.certificate if real else cluster_authority(row.outputs["resourceUID"])
    address = real.address if real else f"{server_name(row)}:443"
    cluster = {"server": f"https://{address}", "certificate-authority-data": authority}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
            "users": [{"name": name, "user": {"exec": execution}}],
        }
    )


def _guid(seed: str) -> str:
    digest = hashlib.sha256(seed.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


_ANSWERS: Final[dict[str, Callable[[Properties, str, Inventory, Backing], Properties]]] = {
    "azure-native:authorization:getClientConfig": _client,
    "azure-native:containerservice:listManagedClusterAdminCredentials": _admin_credentials,
    "azure-native:containerservice:listManagedClusterUserCredentials": _user_credentials,
}
