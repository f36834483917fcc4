"""What holds for every component: naming, nesting, outputs and arguments."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pulumi_oci as oci
import pytest

import components
from components.address_plan import plan_addresses
from components.aks.api_access import AksEndpoint
from components.aks.audit_logs import AksAuditLogsArgs
from components.aks.cluster import AksClusterArgs, AksEncryptionKey
from components.aks.data_encryption import AksDataEncryptionArgs, AksDataKey
from components.aks.dns import AksDnsArgs
from components.aks.encryption import AksEncryptionArgs
from components.aks.flow_logs import AksFlowLogsArgs
from components.aks.identity import AksClusterIdentity, AksClusterIdentityArgs, AksWorkloadIdentityArgs
from components.aks.network import AksNetworkArgs
from components.aks.node_pools import AksNodePoolsArgs, system_pool
from components.aks.object_store import AksObjectStoreArgs
from components.aks.people import AksPeopleArgs
from components.aks.postgres import AksManagedPostgresArgs
from components.aks.private_endpoint import AksPrivateEndpointArgs
from components.aks.private_zone import AksPrivateZoneArgs
from components.aks.registry import AksRegistryArgs
from components.aks.resource_group import AksResourceGroupArgs, Place
from components.aks.secrets import AksSecretsArgs
from components.aks.service_bus import AksQueue, AksServiceBusArgs
from components.contracts import (
    BACKUPS_WRITER,
    CERTIFICATES_SOLVER,
    DNS_WRITER,
    LOGS_WRITER,
    SECRETS_READER,
    Capabilities,
    Dns,
    ObjectStore,
    PullCredential,
    Registry,
    SecretStore,
    ServiceAccount,
    SolverWebhook,
    StaticKey,
    WorkloadIdentity,
)
from components.data.connections import Pods as DataPods
from components.data.connections import SecretKey, ValkeyConnection
from components.data.sizes import SIZES
from components.gke.api_access import GkeEndpoints
from components.gke.apis import GkeApisArgs
from components.gke.cluster import GkeClusterArgs
from components.gke.dns import GkeDnsArgs
from components.gke.encryption import GkeKeyArgs, GkeKeyRingArgs
from components.gke.identity import GkeNodeIdentityArgs, GkeWorkloadPool
from components.gke.network import GkeNetworkArgs
from components.gke.node_pools import GkeNodePoolsArgs
from components.gke.object_store import GkeObjectStoreArgs
from components.gke.people import GkePeopleArgs
from components.gke.postgres import GkePostgresServerArgs
from components.gke.private_services import GkePrivateServicesArgs
from components.gke.queue import GkeQueueArgs
from components.gke.registry import GkeRegistryArgs
from components.gke.secrets import GkeSecretsArgs
from components.local.secrets import LocalSecretsArgs
from components.namespaces import NamespacesArgs
from components.network.cluster_network import ClusterNetwork, Door
from components.network.connections import Connection, Pods, tcp
from components.network.network_policies import NetworkPoliciesArgs
from components.oke.api_access import OkeEndpoint
from components.oke.autoscaler import Limits, OkeAutoscalerArgs
from components.oke.buckets import OkeWorkloadBucketArgs
from components.oke.cluster import OkeClusterArgs
from components.oke.dns import SOLVER, OkeDnsArgs
from components.oke.encryption import OkeEncryptionArgs
from components.oke.firewall import OkeFirewallArgs
from components.oke.identity import OkeUserArgs
from components.oke.image_scanning import OkeImageScanningArgs
from components.oke.load_balancers import OkeLoadBalancersArgs
from components.oke.logs import OkeLogsArgs
from components.oke.network import OkeNetworkArgs
from components.oke.node_pools import OkeNodePoolsArgs
from components.oke.object_store import OkeObjectStoreArgs
from components.oke.people import OkePeopleArgs
from components.oke.postgres import OkePostgresSystemArgs
from components.oke.queues import OkeQueueArgs, OkeQueueKeyArgs
from components.oke.registry import OkeRegistryArgs
from components.oke.secrets import OkeSecretReaderArgs
from components.platform.alert_routing import AlertRouting, AlertRoutingArgs
from components.platform.alert_rules import AlertRulesArgs
from components.platform.alloy import AlloyArgs
from components.platform.cert_manager import CertManagerArgs
from components.platform.certificates import GatewayCertificateArgs
from components.platform.cluster_roles import ClusterRolesArgs
from components.platform.consul import ConsulArgs
from components.platform.consul_credentials import ConsulCredentialsArgs
from components.platform.dapr import DaprArgs
from components.platform.dapr_crds import DaprCrdsArgs, dapr_definitions
from components.platform.dapr_root import DaprRootArgs
from components.platform.dashboards import DashboardsArgs
from components.platform.external_dns import ExternalDnsArgs
from components.platform.external_secrets import ExternalSecretsArgs
from components.platform.gateway_config import Gateway
from components.platform.grafana import GrafanaAdminArgs
from components.platform.issuers import AcmeIssuerArgs, OwnCaArgs
from components.platform.jaeger import JaegerArgs
from components.platform.keda import KedaArgs
from components.platform.kong import KongArgs
from components.platform.log_queries import LogQueriesArgs
from components.platform.loki import LokiArgs
from components.platform.metrics_server import MetricsServerArgs
from components.platform.oauth2_proxy import OAuth2ProxyArgs
from components.platform.operator_crds import OperatorCrdsArgs
from components.platform.otel_collector import OtelCollectorArgs
from components.platform.otel_operator import OtelOperatorArgs
from components.platform.priority_classes import PriorityClassesArgs
from components.platform.prometheus import PrometheusArgs
from components.platform.reloader import ReloaderArgs
from components.platform.remote_write import LongTermStore, LongTermStoreArgs
from components.platform.secret_store import VaultStoreArgs
from components.platform.solver_webhook import SolverWebhookServerArgs
from components.platform.velero import VeleroArgs
from components.platform.volume_backups import VolumeBackupsArgs
from components.priorities import Priority
from components.releases import ChartSource
from components.services.application_service import ApplicationServiceArgs
from components.services.developers import DevelopersArgs
from components.services.gateway.canary import CanaryReleaseArgs
from components.services.gateway.canary_model import Canary
from components.services.image_pull import ImagePullArgs
from components.services.model import ServiceSpec, WorkloadSpec
from components.services.monitoring.dashboards import WorkloadDashboardsArgs
from components.services.monitoring.instrumentation import InstrumentationArgs
from components.services.quota import WorkloadQuotaArgs
from components.services.values import Image
from components.services.workload import WorkloadArgs
from stacks.backups import Backups
from stacks.clusters import AksNodePool, GkeNodePool, OkeNodePool
from stacks.databases import GkePostgres, OkePostgres
from stacks.gateway import GatewaySettings
from stacks.observability import Oidc, RemoteWrite
from stacks.secrets import HashiCorpVault
from stacks.tls import Tls
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import Prerequisite, bare_platform
from tests.unit.components.data.data_arguments import DATA, data_arguments
from tests.unit.components.services.dapr_workloads import application as dapr_application

ADDRESSES = plan_addresses("10.0.0.0/12")
PLACE = Place(subscription_id="s", tenant_id="t", location="l", resource_group="group", tags={})
AKS_POOL = AksNodePool(vm_size="Standard_D4s_v5", min_nodes=1, max_nodes=3, disk_gib=100)
CAPABILITIES = Capabilities(
    storage_class="fast",
    control_plane_metrics=False,
    kube_proxy_metrics=False,
    cluster_dns="coredns",
    metrics_server=False,
)
STORE = ObjectStore(
    bucket="logs",
    kind="gcs",
    loki_storage={"type": "gcs", "bucketNames": {"chunks": "logs"}},
    writers={LOGS_WRITER: WorkloadIdentity(service_account=LOGS_WRITER)},
    key=StaticKey(generation="first", access_key_id="id", secret_access_key="key"),
)
SERVICE = ServiceSpec.model_validate({"image": {"tag": "1.0.0"}, "ports": {"http": 8080}})
DNS = Dns(
    name_servers=["ns1.acme.example"],
    solver={"cloudDNS": {"project": "acme"}},
    solver_webhook=SolverWebhook(image="solver:1.0.0", group="acme.solver"),
    solver_identity=WorkloadIdentity(service_account=CERTIFICATES_SOLVER, env={"REGION": "north"}),
    external_dns={"provider": {"name": "google"}, "domainFilters": ["acme.example"]},
    records_identity=WorkloadIdentity(service_account=DNS_WRITER, pod_labels={"identity": "used"}),
)


def aks_data_key(wait: pulumi.Resource) -> AksDataKey:
    return AksDataKey(identity_id="identity", vault_uri="vault", key_name="data", key_uri="key", ready=[wait])


def long_term_store(wait: pulumi.Resource) -> LongTermStoreArgs:
    target = RemoteWrite(url="https://mimir.example.com/api/v1/push", username="groundwork")
    return LongTermStoreArgs(target=target, password="secret", namespace=wait)


def arguments(component: type[pulumi.ComponentResource], wait: pulumi.Resource) -> Any:
    """Arguments for one component of each class."""
    charts = ChartSource(mirror="charts-mirror")
    match component.__name__:
        case "AksResourceGroup":
            return AksResourceGroupArgs(
                subscription_id="s", resource_group="g", location="l", tags={}, admin_group_ids=["admins"], protect=True
            )
        case "AksNetwork":
            return AksNetworkArgs(place=PLACE, addresses=ADDRESSES, databases=True)
        case "AksPrivateZone":
            return AksPrivateZoneArgs(place=PLACE, zone="privatelink.azurecr.io", network="network")
        case "AksDataEncryption":
            return AksDataEncryptionArgs(place=PLACE, vault=("data", "groundwork"), private=True, protect=True)
        case "AksSecrets":
            return AksSecretsArgs(
                place=PLACE, vault=("secrets", "groundwork"), private=True, readers={"eso": "principal"}, protect=True
            )
        case "AksDns":
            return AksDnsArgs(
                place=PLACE,
                group="groundwork-dns",
                domain="acme.example",
                writers={"external-dns": "principal"},
                finders={"external-dns": "principal"},
                protect=True,
            )
        case "AksFlowLogs":
            return AksFlowLogsArgs(
                place=PLACE,
                flow_log="groundwork",
                network="network",
                account="flows",
                zone_redundant=True,
                retention_days=30,
                key=aks_data_key(wait),
            )
        case "AksManagedPostgres":
            return AksManagedPostgresArgs(
                place=PLACE,
                server="postgres",
                zone="groundwork",
                version="17",
                sku="Standard_D2ds_v5",
                storage_gib=128,
                backup_days=14,
                zone_redundant=True,
                network="network",
                subnet="subnet",
                key=aks_data_key(wait),
                backup_key=aks_data_key(wait),
                protect=True,
            )
        case "AksClusterIdentity":
            return AksClusterIdentityArgs(place=PLACE, network="network")
        case "AksWorkloadIdentity":
            return AksWorkloadIdentityArgs(place=PLACE, service_account=LOGS_WRITER, issuer="https://issuer/")
        case "AksEncryption":
            return AksEncryptionArgs(place=PLACE, vault="groundwork", private=True, user="principal", protect=True)
        case "AksRegistry":
            return AksRegistryArgs(
                place=PLACE, registry="images", premium=True, readers={"nodes": "principal"}, pushers=["pipeline"]
            )
        case "AksAuditLogs":
            return AksAuditLogsArgs(place=PLACE, cluster="cluster", retention_days=30)
        case "AksPrivateEndpoint":
            return AksPrivateEndpointArgs(
                place=PLACE, target="account", group="blob", subnet="subnet", zone="zone", link=wait
            )
        case "AksObjectStore":
            return AksObjectStoreArgs(
                place=PLACE,
                account="logs",
                containers=("chunks", "ruler"),
                zone_redundant=True,
                public=False,
                expire_days=37,
                noncurrent_days=7,
                protect=True,
                writers={"access": "principal"},
                readers={"reads": "principal"},
                key=aks_data_key(wait),
            )
        case "AksServiceBus":
            queue = AksQueue(
                queue="todo.jobs",
                retention_hours=24,
                acknowledge_seconds=30,
                max_deliveries=5,
                senders={"backend": "principal"},
                receivers={"worker": "principal"},
            )
            return AksServiceBusArgs(
                place=PLACE,
                namespace="queues",
                premium=True,
                public=False,
                queues={"todo.jobs": queue},
                protect=True,
                key=aks_data_key(wait),
            )
        case "AksNodePools":
            return AksNodePoolsArgs(
                place=PLACE,
                cluster="cluster",
                pools={"apps": AKS_POOL},
                zones=("1",),
                subnet="subnet",
                kubernetes_version="1.35",
                ready=[wait],
            )
        case "AksCluster":
            identity = AksClusterIdentityArgs(place=PLACE, network="network")
            return AksClusterArgs(
                cluster="groundwork",
                place=PLACE,
                addresses=ADDRESSES,
                endpoint=AksEndpoint(mode="private", allowed_cidrs=(), subnet="subnet"),
                identity=AksClusterIdentity(f"identity-for-{id(wait)}", identity),
                encryption=AksEncryptionKey(key_uri="key", vault_id="vault", private=True),
                system_pool=system_pool(
                    "system", AKS_POOL, alone=True, zones=("1",), subnet="subnet", kubernetes_version=None, tags={}
                ),
                kubernetes_version="1.35",
                upgrade_channel="patch",
                standard_tier=True,
                grants=[wait],
                api_grants=[wait],
                protect=True,
            )
        case name if name.startswith("Gke"):
            return google_arguments(name, wait)
        case "LocalSecrets":
            return LocalSecretsArgs(namespace="vault", protect=True)
        case "Namespaces":
            return NamespacesArgs(levels={"monitoring": "privileged"}, protect=True)
        case "NetworkPolicies":
            pods = [Pods(name=name, namespace=name, labels={"app": name}) for name in ("todo", "shop")]
            return NetworkPoliciesArgs(
                connections=[Connection(source=pods[0], target=pods[1], ports=tcp(80), why="orders")],
                closed=["todo"],
                namespaces={"todo": wait, "shop": wait},
                network=ClusterNetwork(own=["10.0.0.0/8"], api_server=[Door(block="10.0.0.0/28", ports=[443])]),
                owner="todo",
            )
        case "AlertRouting":
            return AlertRoutingArgs(namespace=wait, slack_webhook="https://hooks.slack.example/x")
        case "AlertRules":
            return AlertRulesArgs(
                capabilities=CAPABILITIES,
                stack={"cloud": "gke", "environment": "dev", "stack": "gke-dev"},
                teams={"todo": "storefront"},
                runbooks="https://git.example/groundwork/blob/main",
                namespace=wait,
                crds=wait,
            )
        case "Dashboards":
            return DashboardsArgs(namespace=wait)
        case "OperatorCrds":
            return OperatorCrdsArgs(namespace=wait, charts=charts)
        case "GrafanaAdmin":
            return GrafanaAdminArgs(namespace=wait)
        case "Kong":
            return KongArgs(
                gateway=Gateway(),
                credentials={"admin/password/0": "password"},
                load_balancer={"cloud/annotation": "value"},
                settings=GatewaySettings(min_replicas=2, max_replicas=4),
                high_availability=True,
                certificate=wait,
                counters=ValkeyConnection(
                    host="counters",
                    port=6379,
                    user="default",
                    password=SecretKey(name="counters", key="default"),
                    pods=DataPods(namespace="gateway", labels={}),
                    ready=[wait],
                ),
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "OAuth2Proxy":
            return OAuth2ProxyArgs(
                host="monitoring.acme.example",
                oidc=Oidc(
                    issuer="https://login.acme.example",
                    client_id="groundwork",
                    jwks_url="https://login.acme.example/keys",
                    groups=("ops",),
                ),
                client_secret="secret",
                upstreams={"/grafana": "http://grafana"},
                high_availability=True,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
            )
        case "Loki":
            return LokiArgs(
                store=STORE,
                retention_days=7,
                high_availability=True,
                storage_class="fast",
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "LogQueries":
            return LogQueriesArgs(namespace=wait)
        case "Alloy":
            return AlloyArgs(push_url="http://loki", namespace=wait, service_monitors=wait, nodes=[wait], charts=charts)
        case "Prometheus":
            return PrometheusArgs(
                host="monitoring.dev.example.com",
                retention_days=7,
                storage_gib=20,
                high_availability=True,
                external_labels={"stack": "gke-dev"},
                capabilities=CAPABILITIES,
                grafana={"enabled": True},
                alert_routing=AlertRouting(f"routing-for-{id(wait)}", AlertRoutingArgs(namespace=wait)),
                long_term_store=LongTermStore(f"store-for-{id(wait)}", long_term_store(wait)),
                secrets=[wait],
                namespace=wait,
                crds=wait,
                nodes=[wait],
                charts=charts,
            )
        case "LongTermStore":
            return long_term_store(wait)
        case "OtelCollector":
            return OtelCollectorArgs(
                environment="dev",
                sampled_percent=10,
                slow_ms=1000,
                high_availability=True,
                prometheus_replicas=2,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "Jaeger":
            return JaegerArgs(
                retention_days=7,
                storage_gib=20,
                storage_class="fast",
                store=None,
                store_password=None,
                high_availability=True,
                protect=False,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "OtelOperator":
            return OtelOperatorArgs(
                high_availability=True, namespace=wait, service_monitors=wait, own_ca=wait, nodes=[wait], charts=charts
            )
        case "PriorityClasses":
            return PriorityClassesArgs(classes={"urgent": Priority(value=9, meaning="Urgent")})
        case "CertManager":
            return CertManagerArgs(
                solver=DNS.solver_identity,
                high_availability=True,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "ExternalSecrets":
            return ExternalSecretsArgs(
                reader=WorkloadIdentity(
                    service_account=SECRETS_READER, annotations={"a": "b"}, pod_labels={"c": "d"}, env={"E": "f"}
                ),
                high_availability=True,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "VaultStore":
            reader = WorkloadIdentity(service_account=SECRETS_READER, grants=[wait])
            secrets = SecretStore(vault="acme-dev", provider={"gcpsm": {"projectID": "acme-dev"}}, reader=reader)
            vault = HashiCorpVault(address="https://vault.example.com", role="groundwork")
            return VaultStoreArgs(secrets=secrets, vault=vault, workloads=["todo"], release=wait)
        case "Reloader":
            return ReloaderArgs(high_availability=True, namespace=wait, pod_monitors=wait, nodes=[wait], charts=charts)
        case "OwnCa":
            return OwnCaArgs(cert_manager=wait)
        case "AcmeIssuer":
            return AcmeIssuerArgs(
                tls=Tls(issuer="letsencrypt"), domain="acme.example", dns=DNS, cert_manager=wait, solver_webhook=wait
            )
        case "SolverWebhookServer":
            return SolverWebhookServerArgs(
                webhook=SolverWebhook(image="solver:1.0.0", group="acme.solver"),
                identity=DNS.solver_identity,
                high_availability=True,
                namespace=wait,
                own_ca=wait,
                nodes=[wait],
            )
        case "GatewayCertificate":
            return GatewayCertificateArgs(
                domain="acme.example", issuer_name="own-ca", namespace=wait, cert_manager=wait
            )
        case "ExternalDns":
            return ExternalDnsArgs(
                dns=DNS, owner="acme", namespace=wait, service_monitors=wait, nodes=[wait], charts=charts
            )
        case "Keda":
            return KedaArgs(high_availability=True, namespace=wait, service_monitors=wait, nodes=[wait], charts=charts)
        case "Velero":
            store = ObjectStore(
                bucket="backups",
                kind="s3",
                loki_storage={},
                velero_location={"provider": "aws", "bucket": "backups", "config": {}},
                writers={BACKUPS_WRITER: WorkloadIdentity(service_account=BACKUPS_WRITER)},
                key=StaticKey(generation="first", access_key_id="id", secret_access_key="key"),
            )
            return VeleroArgs(
                store=store,
                keep_days=30,
                protect=True,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "VolumeBackups":
            backups = Backups(volumes=True, hour=2, keep_days=30)
            return VolumeBackupsArgs(workloads=["todo"], backups=backups, namespace=wait, release=wait)
        case "Consul":
            return ConsulArgs(
                datacenter="gke-dev",
                synced=["todo"],
                high_availability=True,
                storage_class="standard",
                protect=True,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "ConsulCredentials":
            return ConsulCredentialsArgs(protect=True, namespace=wait)
        case "DaprRoot":
            return DaprRootArgs(roots=[1, 2], trust_domain="cluster.local", protect=True, namespace=wait, crds=wait)
        case "DaprCrds":
            return DaprCrdsArgs(definitions=dapr_definitions())
        case "Dapr":
            return DaprArgs(
                bundle="roots",
                issuer="certificate",
                issuer_key="key",
                high_availability=True,
                storage_class="disks",
                namespace=wait,
                definitions=[wait],
                service_monitors=wait,
                nodes=[wait],
                charts=charts,
            )
        case "MetricsServer":
            return MetricsServerArgs(
                high_availability=True, kubelet_certificates=True, service_monitors=wait, nodes=[wait], charts=charts
            )
        case "Instrumentation":
            return InstrumentationArgs(workload="todo", namespace=wait, operator=wait)
        case "ApplicationService":
            return ApplicationServiceArgs(
                workload="todo", service="backend", spec=SERVICE, image_prefix="registry", waits_for=[wait]
            )
        case "CanaryRelease":
            service = ApplicationServiceArgs(
                workload="todo", service="backend", spec=SERVICE, image_prefix="registry", waits_for=[wait]
            )
            canary = Canary(image=Image(tag="2.0.0"))
            return CanaryReleaseArgs(service=service, canary=canary, stable=wait, taken_back=[wait])
        case "DaprApplication":
            return dapr_application(wait)
        case "ImagePull":
            credential = PullCredential(generation="first", server="registry.example", username="u", token="t")
            return ImagePullArgs(credential=credential, namespace="todo", exists=wait)
        case "Workload":
            return WorkloadArgs(
                workload="todo",
                spec=WorkloadSpec(services={"backend": SERVICE}),
                registry=Registry(image_prefix="registry"),
                platform=bare_platform(wait),
            )
        case "WorkloadQuota":
            spec = WorkloadSpec(services={"backend": SERVICE})
            return WorkloadQuotaArgs(workload="todo", spec=spec, sizes=SIZES["dev"], namespace=wait)
        case "WorkloadDashboards":
            spec = WorkloadSpec(dashboards=("services",), services={"backend": ServiceSpec(image=Image(tag="1.0.0"))})
            return WorkloadDashboardsArgs(workload="todo", spec=spec, namespace=wait)
        case "Developers":
            return DevelopersArgs(workload="todo", groups=["developers"], namespace=wait)
        case "ClusterRoles":
            return ClusterRolesArgs(admins=["operators"], viewers=["developers"])
        case "AksPeople":
            return AksPeopleArgs(place=PLACE, cluster="cluster", groups=["group"])
        case name if name.startswith("Oke"):
            return oracle_arguments(name, wait)
        case name if name in DATA:
            return data_arguments(name, wait)
        case other:
            raise AssertionError(f"{other}: give it arguments here, so that the contract is tested on it too")


def google_arguments(component: str, wait: pulumi.Resource) -> Any:
    """Arguments for one component on Google Cloud of each class."""
    pool = GkeWorkloadPool(project="example", project_number=pulumi.Output.from_input("1"), cluster=wait)
    match component:
        case "GkeApis":
            return GkeApisArgs(apis=["compute"])
        case "GkeNetwork":
            return GkeNetworkArgs(addresses=ADDRESSES, region="europe-west1", compute_api=wait)
        case "GkeKeyRing":
            return GkeKeyRingArgs(key_ring="groundwork", location="europe-west1", kms_api=wait)
        case "GkeKey":
            return GkeKeyArgs(ring="ring", service="container", api=wait, protect=True)
        case "GkeDns":
            return GkeDnsArgs(
                zone="groundwork", domain="acme.example", pool=pool, protect=True, api=wait, resource_manager_api=wait
            )
        case "GkeSecrets":
            return GkeSecretsArgs(
                pool=pool, principals=[LOGS_WRITER], workloads=["todo"], api=wait, resource_manager_api=wait
            )
        case "GkePeople":
            return GkePeopleArgs(project="acme", groups=["a@acme.example"], resource_manager_api=wait)
        case "GkePrivateServices":
            return GkePrivateServicesArgs(network="network", cidr=ADDRESSES.private_services, api=wait)
        case "GkePostgresServer":
            return GkePostgresServerArgs(
                settings=GkePostgres(tier="db-custom-2-8192", storage_gib=20),
                region="europe-west1",
                standby=True,
                network="network",
                range_name="range",
                connection=wait,
                encryption_key="key",
                encryption_grant=wait,
                labels={"environment": "dev"},
                protect=True,
            )
        case "GkeNodeIdentity":
            return GkeNodeIdentityArgs(cluster="groundwork", project="example", iam_api=wait, resource_manager_api=wait)
        case "GkeRegistry":
            return GkeRegistryArgs(
                project="example",
                location="europe-west1",
                repository="images",
                immutable_tags=True,
                readers={"nodes": "serviceAccount:nodes"},
                pushers=["group:builders@acme.example"],
                encryption_key="key",
                encryption_grant=wait,
                protect=True,
                api=wait,
                scanning_api=wait,
            )
        case "GkeObjectStore":
            return GkeObjectStoreArgs(
                bucket="logs",
                location="europe-west1",
                expire_days=37,
                noncurrent_days=7,
                protect=True,
                pool=pool,
                writers={"grant": LOGS_WRITER},
                readers={"reads": LOGS_WRITER},
                encryption_key="key",
                encryption_grant=wait,
                api=wait,
            )
        case "GkeQueue":
            return GkeQueueArgs(
                queue="jobs",
                region="europe-west1",
                retention_hours=24,
                acknowledge_seconds=30,
                max_deliveries=5,
                protect=True,
                pool=pool,
                senders=[LOGS_WRITER],
                receivers=[LOGS_WRITER],
                agent="serviceAccount:agent",
                encryption_key="key",
                encryption_grant=wait,
                api=wait,
            )
        case "GkeCluster":
            return GkeClusterArgs(
                cluster="groundwork",
                project="example",
                region="europe-west1",
                zones=("europe-west1-b",),
                network="network",
                subnetwork="subnetwork",
                endpoints=GkeEndpoints(mode="dns", allowed_cidrs=(), addresses=ADDRESSES),
                release_channel="REGULAR",
                node_service_account="nodes@example",
                encryption_key="key",
                encryption_grant=wait,
                protect=True,
            )
        case "GkeNodePools":
            nodes = GkeNodePool(machine_type="e2-standard-4", min_nodes=1, max_nodes=3, disk_gib=100)
            return GkeNodePoolsArgs(cluster="cluster", pools={"system": nodes}, service_account="nodes", ready=[wait])
        case other:
            raise AssertionError(f"{other}: give it arguments here, so that the contract is tested on it too")


def oracle_arguments(component: str, wait: pulumi.Resource) -> Any:
    """Arguments for one component on Oracle Cloud of each class."""
    tenancy, compartment = "ocid1.tenancy.oc1..a", "ocid1.compartment.oc1..a"
    home = oci.Provider(f"home-for-{id(wait)}", region="eu-frankfurt-1")
    match component:
        case "OkePeople":
            return OkePeopleArgs(compartment=compartment, cluster_name="c", groups=["ocid1.group.oc1..a"], home=home)
        case "OkeNetwork":
            return OkeNetworkArgs(
                compartment=compartment,
                cluster="groundwork",
                addresses=ADDRESSES,
                public_api=True,
                api_clients={"office": "203.0.113.0/24"},
                databases=True,
            )
        case "OkeFirewall":
            return OkeFirewallArgs(
                compartment=compartment, vcn="vcn", oracle_services="all-fra", api_clients={}, databases=True
            )
        case "OkeEncryption":
            return OkeEncryptionArgs(
                tenancy=tenancy,
                compartment=compartment,
                region="eu-frankfurt-1",
                cluster="groundwork",
                protect=True,
                home=home,
            )
        case "OkeRegistry":
            return OkeRegistryArgs(
                tenancy=tenancy,
                compartment=compartment,
                region="eu-frankfurt-1",
                namespace="acmespace",
                prefix="groundwork",
                images=["todo/backend"],
                immutable_tags=True,
                email_domain="acme.example",
                tokens=["first"],
                pushers=["ocid1.group.oc1..a"],
                home=home,
            )
        case "OkeImageScanning":
            return OkeImageScanningArgs(
                compartment=compartment, name="groundwork", repositories=["groundwork/todo/backend"], home=home
            )
        case "OkeLoadBalancers":
            return OkeLoadBalancersArgs(
                compartment=compartment, cluster_name="groundwork", cluster="cluster", home=home
            )
        case "OkeSecretReader":
            return OkeSecretReaderArgs(
                compartment=compartment,
                cluster_name="groundwork",
                cluster="cluster",
                vault="vault",
                account=LOGS_WRITER,
                prefix="logging-",
                others=["logging-archive-"],
                home=home,
            )
        case "OkeDns":
            return OkeDnsArgs(
                compartment=compartment,
                domain="acme.example",
                cluster_name="groundwork",
                cluster="cluster",
                writers=[SOLVER],
                protect=True,
                tags={},
                home=home,
            )
        case "OkePostgresSystem":
            return OkePostgresSystemArgs(
                compartment=compartment,
                name="groundwork",
                settings=OkePostgres(shape="PostgreSQL.VM.Standard.E5.Flex", ocpus=2, memory_gib=32),
                nodes=1,
                availability_domain="EXMP:EU-FRANKFURT-1-AD-1",
                subnet="databases",
                group="database-group",
                rules=[wait],
                tags={},
                protect=True,
            )
        case "OkeUser":
            return OkeUserArgs(
                tenancy=tenancy,
                compartment=compartment,
                user="loki",
                email="loki@acme.example",
                purpose="Writes logs",
                statements=["Allow group loki to read buckets in tenancy"],
                home=home,
            )
        case "OkeObjectStore":
            return OkeObjectStoreArgs(
                tenancy=tenancy,
                compartment=compartment,
                region="eu-frankfurt-1",
                namespace="acmespace",
                bucket="logs",
                encryption_key="key",
                encryption_grant=wait,
                email_domain="acme.example",
                keys=["first"],
                expire_days=37,
                noncurrent_days=7,
                protect=True,
                tags={},
                home=home,
            )
        case "OkeWorkloadBucket":
            return OkeWorkloadBucketArgs(
                compartment=compartment,
                region="eu-frankfurt-1",
                namespace="acmespace",
                bucket="files",
                encryption_key="key",
                encryption_grant=wait,
                expire_days=37,
                noncurrent_days=7,
                protect=True,
                tags={},
                home=home,
                cluster="cluster",
                writers=[ServiceAccount(namespace="todo", name="backend")],
                readers=[ServiceAccount(namespace="todo", name="worker")],
            )
        case "OkeQueueKey":
            return OkeQueueKeyArgs(compartment=compartment, cluster_name="groundwork", key="key", home=home)
        case "OkeQueue":
            return OkeQueueArgs(
                compartment=compartment,
                queue="jobs",
                retention_hours=24,
                acknowledge_seconds=30,
                max_deliveries=5,
                encryption_key="key",
                encryption_grant=wait,
                cluster="cluster",
                senders=[ServiceAccount(namespace="todo", name="backend")],
                receivers=[ServiceAccount(namespace="todo", name="worker")],
                protect=True,
                tags={},
                home=home,
            )
        case "OkeCluster":
            return OkeClusterArgs(
                cluster="groundwork",
                compartment=compartment,
                region="eu-frankfurt-1",
                vcn="vcn",
                api_subnet="api",
                api_group="api-group",
                balancer_subnet="balancers",
                node_group="node-group",
                services_cidr=ADDRESSES.services,
                endpoint=OkeEndpoint(mode="private", allowed_cidrs=(), addresses=ADDRESSES),
                encryption_key="key",
                encryption_grant=wait,
                tags={},
                protect=True,
            )
        case "OkeNodePools":
            pool = OkeNodePool(
                shape="VM.Standard.E5.Flex", ocpus=2, memory_gib=16, min_nodes=1, max_nodes=3, disk_gib=100
            )
            return OkeNodePoolsArgs(
                cluster="cluster",
                compartment=compartment,
                pools={"system": pool},
                availability_domains=["EXMP:EU-FRANKFURT-1-AD-1"],
                image="image",
                node_subnet="nodes",
                pod_subnet="pods",
                node_group="node-group",
                pod_group="pod-group",
                tags={},
                ready=[wait],
            )
        case "OkeAutoscaler":
            return OkeAutoscalerArgs(
                compartment=compartment,
                cluster_name="groundwork",
                cluster="cluster",
                limits={"system": Limits(pool="pool", min_nodes=1, max_nodes=3)},
                home=home,
            )
        case "OkeLogs":
            return OkeLogsArgs(
                compartment=compartment,
                cluster_name="groundwork",
                cluster="cluster",
                subnets={"nodes": "nodes"},
                retention_days=7,
            )
        case other:
            raise AssertionError(f"{other}: give it arguments here, so that the contract is tested on it too")


def build(component: Any, name: str, args: Any, opts: pulumi.ResourceOptions | None = None) -> None:
    """Constructs a component by the signature that all of ours have."""
    component(name, args, opts)


def component_classes() -> Iterator[type[pulumi.ComponentResource]]:
    """Every component class of the project."""
    for module in pkgutil.walk_packages(components.__path__, "components."):
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, pulumi.ComponentResource) and found.__module__ == module.name:
                yield found


CLASSES = sorted(component_classes(), key=lambda component: component.__name__)
every_component = pytest.mark.parametrize("component", CLASSES, ids=lambda component: component.__name__)


@every_component
@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_two_copies_nest_under_their_parents(
    deploy: Callable[..., Deployed], component: type[pulumi.ComponentResource], preview: bool
):
    def program() -> None:
        for copy in ("first", "second"):
            parent = Prerequisite(copy)
            args = arguments(component, Prerequisite(f"wait-{copy}"))
            build(component, f"{copy}-one", args, pulumi.ResourceOptions(parent=parent))

    deployed = deploy(program, preview=preview)

    token = f"groundwork:index:{component.__name__}"
    copies = [one for one in deployed.of_type(token) if one.name.endswith("-one")]
    assert [copy.name for copy in copies] == ["first-one", "second-one"]
    assert [copy.parent.rpartition("::")[2] for copy in copies] == ["first", "second"]
    for child in deployed.registrations.values():
        if child.parent in {copy.urn for copy in copies}:
            assert child.name.startswith(child.parent.rpartition("::")[2]), f"{child.name} would collide with a twin"


@every_component
def test_registers_exactly_the_declared_outputs(
    deploy: Callable[..., Deployed], component: type[pulumi.ComponentResource]
):
    deployed = deploy(lambda: build(component, "one", arguments(component, Prerequisite("wait"))))

    declared = set(vars(component).get("__annotations__", {}))
    registered = deployed.only(f"groundwork:index:{component.__name__}").outputs
    assert registered is not None
    assert set(registered) == declared
    assert None not in registered.values()


class Reads:
    """Notes which fields of the arguments are read."""

    def __init__(self, args: Any) -> None:
        self._args = args
        self._read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._args, name)


@every_component
def test_reads_every_declared_argument(deploy: Callable[..., Deployed], component: type[pulumi.ComponentResource]):
    reads: list[Reads] = []

    def program() -> None:
        reads.append(Reads(arguments(component, Prerequisite("wait"))))
        build(component, "one", reads[0])

    deploy(program)

    declared = {field.name for field in dataclasses.fields(reads[0]._args)}
    assert declared - reads[0]._read == set()


@every_component
def test_signature_is_name_arguments_options(component: type[pulumi.ComponentResource]):
    parameters = list(inspect.signature(component.__init__).parameters.values())[1:]

    assert [parameter.name for parameter in parameters] == ["name", "args", "opts"]
    assert parameters[1].annotation.__name__ == f"{component.__name__}Args"
    assert parameters[2].default is None


@every_component
def test_arguments_are_frozen_and_keyword_only(component: type[pulumi.ComponentResource]):
    args = inspect.signature(component.__init__).parameters["args"].annotation

    assert args.__dataclass_params__.frozen
    assert all(field.kw_only for field in dataclasses.fields(args))
