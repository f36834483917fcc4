"""What writers of DNS need before they can write: external-dns hosts, cert-manager or its webhook challenges.

external-dns ends where its cloud refuses it, and is started again and again. cert-manager goes on trying: a challenge
that it may not answer never ends, and neither does the wait for the certificate.
"""

from collections.abc import Iterator
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.inventory import Inventory, Resource
from rehearsal.providers.kubernetes.charts import Chart
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.kinds import RELEASE, Kind
from rehearsal.providers.kubernetes.zones import Writer, azure, azure_finds, google, google_lists, oracle, oracle_in
from rehearsal.providers.wire import Properties

_API = "kubernetes:apiregistration.k8s.io/v1:APIService"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_SERVICE = "kubernetes:core/v1:Service"
_CLIENT = "azure.workload.identity/client-id"
_USE = "azure.workload.identity/use"


def records_obstacles(chart: Chart, release: Properties, cluster: Cluster, inventory: Inventory) -> list[str]:
    """Why a release of external-dns would end as soon as it starts, in a cluster of a cloud whose zones are known."""
    if chart.name != "external-dns":
        return []
    values = release.get("values") or {}
    client = (paths.first(values, "serviceAccount.annotations") or {}).get(_CLIENT)
    writer = _writer(release["name"], release["namespace"], values, client)
    domains = [str(domain) for domain in paths.first(values, "domainFilters") or ()]
    match paths.first(values, "provider.name"), cluster.cloud:
        case "google", "gke":
            zone = str((paths.first(values, "extraArgs") or {}).get("zone-id-filter"))
            found = [*google(zone, writer, inventory), *google_lists(writer, inventory)]
        case "azure", "aks":
            found = [why for domain in domains for why in azure_finds(domain, writer, cluster, inventory)]
        case "oci", "oke":
            found = [why for domain in domains for why in oracle(domain, writer, inventory)]
        case _:
            return []
    return [f"failed to list or change records: {reason}" for reason in found]


def issuance_obstacles(kind: Kind, inputs: Properties, cluster: Cluster, inventory: Inventory) -> list[str]:
    """Why an issuer never issues anything, or why an API that somebody else serves never answers."""
    match kind.qualified:
        case "cert-manager.io/ClusterIssuer" | "cert-manager.io/Issuer":
            return [
                f"no challenge of its solver {solver} is ever answered: {why}"
                for solver, settings in _solvers(inputs)
                for why in _unanswered(solver, settings, cluster, inventory)
            ]
        case "apiregistration.k8s.io/APIService":
            return list(_served(inputs, cluster))
        case _:
            return []


def _solvers(issuer: Properties) -> Iterator[tuple[str, Properties]]:
    for entry in paths.first(issuer, "spec.acme.solvers") or ():
        for name, settings in (entry.get("dns01") or {}).items():
            if isinstance(settings, dict):
                yield name, settings


def _unanswered(solver: str, settings: Properties, cluster: Cluster, inventory: Inventory) -> Iterator[str]:
    match solver, cluster.cloud:
        case "cloudDNS", "gke":
            yield from google(str(settings.get("hostedZoneName")), _manager(cluster), inventory)
        case "azureDNS", "aks":
            manager = _manager(cluster, paths.first(settings, "managedIdentity.clientID"))
            yield from azure(str(settings.get("hostedZoneName")), manager, cluster, inventory)
        case "webhook", _:
            yield from _webhook(settings, cluster, inventory)
        case _:
            return


def _manager(cluster: Cluster, client: Any = None) -> Writer:
    """cert-manager, as its release says."""
    for row in cluster.objects(RELEASE):
        if row.outputs["status"]["chart"] == "cert-manager":
            return _writer(row.name, row.scope, row.inputs.get("values") or {}, client)
    return Writer("cert-manager", "cert-manager", client, labelled=False)


def _writer(release: str, namespace: str, values: Properties, client: Any) -> Writer:
    labels = paths.first(values, "podLabels") or {}
    account = paths.first(values, "serviceAccount.name") or release
    return Writer(namespace, str(account), client, labelled=str(labels.get(_USE)).lower() == "true")


def _webhook(settings: Properties, cluster: Cluster, inventory: Inventory) -> Iterator[str]:
    """Source: cert-manager.io/docs/configuration/acme/dns01/webhook."""
    group = settings.get("groupName")
    api = next((row for row in cluster.objects(_API) if paths.first(row.inputs, "spec.group") == group), None)
    if api is None:
        yield f"the server could not find the requested resource: no APIService is registered for {group}"
        return
    compartment = paths.first(settings, "config.compartmentOCID")
    for server in _behind(api.inputs, cluster):
        account = paths.first(server.inputs, "spec.template.spec.serviceAccountName") or "default"
        if cluster.cloud == "oke" and compartment is not None:
            yield from oracle_in(str(compartment), Writer(server.scope, str(account)), inventory)


def _behind(api: Properties, cluster: Cluster) -> list[Resource]:
    """The Deployments whose pods answer for an API."""
    name, namespace = (str(paths.first(api, f"spec.service.{key}")) for key in ("name", "namespace"))
    service = cluster.get(_SERVICE, name, namespace)
    selector = paths.first(service.inputs, "spec.selector") if service else None
    return [
        row
        for row in cluster.objects(_DEPLOYMENT)
        if selector
        and row.scope == namespace
        and selector.items() <= (paths.first(row.inputs, "spec.template.metadata.labels") or {}).items()
    ]


def _served(inputs: Properties, cluster: Cluster) -> Iterator[str]:
    """An API that nobody answers for keeps every namespace from going: kubernetes.io/docs/concepts/extend-
    kubernetes/api-extension/apiserver-aggregation.
    """
    service = paths.first(inputs, "spec.service")
    if not isinstance(service, dict):
        return
    name, namespace = str(service.get("name")), str(service.get("namespace"))
    row = cluster.get(_SERVICE, name, namespace)
    if row is None:
        yield f'FailedDiscoveryCheck: service "{namespace}/{name}" not found'
        return
    if not _behind(inputs, cluster):
        yield f'MissingEndpoints: service "{namespace}/{name}" has no pods behind it'
