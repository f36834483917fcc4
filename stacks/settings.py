"""The settings of one stack: the object `groundwork:stack` of its stack file, read once into a frozen, strict model."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, get_args

import pulumi
from pydantic import Discriminator, Field, TypeAdapter, ValidationInfo, field_validator

from stacks.access import AksAccess, GkeAccess, LocalAccess, OkeAccess
from stacks.accounts import REGIONS_OF_THREE_DOMAINS, AksAccount, GkeAccount, LocalAccount, OkeAccount
from stacks.backups import Backups
from stacks.clusters import AksCluster, GkeCluster, LocalCluster, OkeCluster
from stacks.dapr import Dapr
from stacks.databases import AksPostgres, GkePostgres, OkePostgres
from stacks.gateway import GatewaySettings
from stacks.mesh import Mesh
from stacks.model import ChartMirror, DomainName, Model, Name, at
from stacks.networks import AksNetwork, Network
from stacks.object_storage import OkeObjectStorage
from stacks.observability import Alerts, Logs, Metrics, Monitoring, Traces
from stacks.problems import SettingsError, validated
from stacks.profiles import with_profile
from stacks.registries import AksRegistry, GkeRegistry, OkeRegistry
from stacks.secrets import Secrets
from stacks.tls import Tls
from stacks.workloads import WorkloadEntry, Workloads

Phase = Literal["foundation", "platform", "workloads"]
"""How far an `up` goes. Each phase includes the ones before it."""

AUDITED_LOG_DAYS = 30
"""The fewest days that a production stack keeps its logs."""


class Stack(Model):
    """What the stacks of every cloud have in common."""

    name: Name = "groundwork"
    """First part of the physical names in the account. Changing it replaces everything that has such a name for good:
    the cluster, keys, buckets and the database among it."""

    environment: Literal["dev", "staging", "prod"]
    """Chooses the profile of defaults that this file overrides, and is the second part of physical names. Changing it
    replaces everything that has such a name for good."""

    until: Phase = "workloads"
    """How far an `up` goes: the foundation alone, then the platform on it, then the workloads."""

    domain: DomainName
    """Domain that the stack's hosts live below, for example `dev.example.com`. Another one gets a zone of its own,
    which has to be delegated again."""

    protect: bool
    """Whether what holds data refuses to be destroyed. By environment: false, in prod true."""

    high_availability: bool
    """Whether components run as replicas spread over zones. By environment: dev false, else true. Of a stack that is up
    some parts stay as they were made: on AKS the zones of storage accounts and of the registry, and the tiers of
    the registry and of queues; on OKE the number of the database's nodes."""

    metrics: Metrics
    logs: Logs
    traces: Traces
    backups: Backups
    alerts: Alerts = Alerts()
    monitoring: Monitoring = Monitoring()
    dapr: Dapr = Dapr()
    mesh: Mesh = Mesh()
    secrets: Secrets = Secrets()
    tls: Tls
    gateway: GatewaySettings

    chart_mirror: ChartMirror | None = None
    """Where charts come from instead of their publishers: `oci://host/path`, or a folder of charts, seen from the
    program's own folder."""

    images_by_digest: bool = False
    """Whether every image of the workloads has to be named by its digest, so that nobody changes what runs by pushing a
    tag again. Without it prod says in each preview which are not. Turning it on or off changes nothing that runs."""

    workloads: Workloads = Field(default_factory=dict[str, WorkloadEntry])
    """The files in `workloads/` that run on this stack: a list of their names, or by name what differs here from what
    they say. Taking one away deletes what runs of it, and on AKS the vault with its secrets."""

    cloud_services: ClassVar[bool] = True
    """Whether a cloud runs the cluster, and has a vault, stores and queues for it."""

    @field_validator("logs")
    @classmethod
    def _prod_keeps_logs_for_an_audit(cls, logs: Logs, info: ValidationInfo) -> Logs:
        if info.data.get("environment") == "prod" and logs.retention_days < AUDITED_LOG_DAYS:
            raise at(("retention_days", f"prod keeps logs {AUDITED_LOG_DAYS} days or longer"))
        return logs

    @property
    def managed_postgres(self) -> bool:
        """Whether the cloud runs PostgreSQL. Where no cloud runs the cluster, it cannot."""
        return getattr(self, "postgres", None) is not None


def _too_few(zones: Sequence[str], info: ValidationInfo) -> list[str]:
    """What is wrong with the number of zones. Prometheus's replicas share none, or some would never start."""
    if info.data.get("high_availability") and len(zones) < 2:
        return ["high_availability spreads replicas over two or more: add one, or set high_availability: false"]
    return []


class GkeStack(Stack):
    """A stack on Google Kubernetes Engine."""

    cloud: Literal["gke"]
    account: GkeAccount
    network: Network = Network()
    cluster: GkeCluster
    access: GkeAccess = GkeAccess()
    registry: GkeRegistry = GkeRegistry()
    postgres: GkePostgres | None = None
    """PostgreSQL as the cloud runs it. Without it databases run in the cluster. Taking it away deletes the database
    and its key, unless `protect` is on."""

    @field_validator("cluster")
    @classmethod
    def _zones_are_enough_and_lie_in_the_region(cls, cluster: GkeCluster, info: ValidationInfo) -> GkeCluster:
        account: GkeAccount | None = info.data.get("account")
        problems = _too_few(cluster.zones, info)
        outside = [zone for zone in cluster.zones if account and not zone.startswith(f"{account.region}-")]
        if account and outside:
            problems.append(f"{', '.join(outside)} not in region {account.region}")
        if problems:
            raise at(*(("zones", problem) for problem in problems))
        return cluster


class AksStack(Stack):
    """A stack on Azure Kubernetes Service."""

    cloud: Literal["aks"]
    account: AksAccount
    network: AksNetwork = AksNetwork()
    cluster: AksCluster
    access: AksAccess = AksAccess()
    registry: AksRegistry = AksRegistry()
    postgres: AksPostgres | None = None
    """PostgreSQL as the cloud runs it. Without it databases run in the cluster. Taking it away deletes the database,
    and the vault and the key of its copies, unless `protect` is on."""

    @field_validator("postgres")
    @classmethod
    def _copies_lie_elsewhere(cls, postgres: AksPostgres | None, info: ValidationInfo) -> AksPostgres | None:
        account: AksAccount | None = info.data.get("account")
        if postgres and account and postgres.backup_location == account.location:
            raise at(("backup_location", "the server's own region; Azure pairs each with another"))
        return postgres

    @field_validator("cluster")
    @classmethod
    def _zones_are_enough(cls, cluster: AksCluster, info: ValidationInfo) -> AksCluster:
        problems = _too_few(cluster.zones, info)
        if problems:
            raise at(*(("zones", problem) for problem in problems))
        return cluster


class OkeStack(Stack):
    """A stack on Oracle Container Engine for Kubernetes."""

    cloud: Literal["oke"]
    account: OkeAccount
    network: Network = Network()
    cluster: OkeCluster
    access: OkeAccess = OkeAccess()
    object_storage: OkeObjectStorage = OkeObjectStorage()
    registry: OkeRegistry = OkeRegistry()
    postgres: OkePostgres | None = None
    """PostgreSQL as the cloud runs it. Without it databases run in the cluster. Taking it away deletes the database,
    unless `protect` is on."""

    @field_validator("cluster")
    @classmethod
    def _domains_are_enough(cls, cluster: OkeCluster, info: ValidationInfo) -> OkeCluster:
        account: OkeAccount | None = info.data.get("account")
        if account is None or account.region not in REGIONS_OF_THREE_DOMAINS:
            return cluster
        problems = _too_few(cluster.availability_domains, info)
        if problems:
            raise at(*(("availability_domains", problem) for problem in problems))
        return cluster


class LocalStack(Stack):
    """A stack on a cluster that is there already, such as minikube or kind."""

    cloud_services = False
    cloud: Literal["local"]
    account: LocalAccount
    cluster: LocalCluster = LocalCluster()
    access: LocalAccess = LocalAccess()

    @field_validator("tls")
    @classmethod
    def _nobody_outside_vouches_for_it(cls, tls: Tls) -> Tls:
        if tls.issuer != "own-ca":
            raise at(("issuer", "only own-ca: a local stack has no zone in which to prove to others what it owns"))
        return tls

    @field_validator("backups")
    @classmethod
    def _volumes_have_nowhere_to_go(cls, backups: Backups) -> Backups:
        if backups.volumes:
            raise at(("volumes", "only false: a local stack has no object store that backups could lie in"))
        return backups


AnyStack = GkeStack | AksStack | OkeStack | LocalStack
"""A stack on one of the clouds, told apart by `cloud`."""

_ADAPTER: TypeAdapter[AnyStack] = TypeAdapter(Annotated[AnyStack, Discriminator("cloud")])


def parse(values: Mapping[str, Any]) -> AnyStack:
    """The model of one stack.

    Raises `SettingsError` with every problem at once, one line each, by key path.
    """
    return validated(_ADAPTER, with_profile(values), get_args(AnyStack), "stack settings")


def load() -> AnyStack:
    """The settings of the stack that is being run. The program's only read of the plain configuration."""
    text = pulumi.Config().get("stack")
    if text is None:
        raise SettingsError(["groundwork:stack: missing from the stack file; see stacks/Pulumi.gke-dev.yaml for one"])
    try:
        values = json.loads(text)
    except ValueError:
        values = text
    if not isinstance(values, Mapping):
        raise SettingsError(["groundwork:stack: expected a mapping; see stacks/Pulumi.gke-dev.yaml for one"])
    return parse(values)
