"""What every kind of data service promises, found in the plans of stacks that run all systems: a volume, copies of it
elsewhere, metrics, closed doors, a budget for disruptions, sizes by environment, and credentials that nobody chose.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from components.data.sizes import SIZES, Environment
from tests.mock_engine import Deployed, Registration
from tests.plans import plan_of_all_systems, settings_of

STACKS = ("gke-staging", "aks-staging", "oke-staging")
"""One of each cloud, where everything is there thrice and databases run in the cluster."""

SMALL = "gke-dev"
PASSWORD = "random:index/randomPassword:RandomPassword"
GUIDES = ("docs/data-services.md", "docs/restore-postgresql.md", "docs/restore-volumes.md")


@dataclass(frozen=True)
class Plan:
    """The plan of a stack that runs all systems."""

    stack: str
    deployed: Deployed

    @property
    def environment(self) -> Environment:
        return settings_of(self.stack)["environment"]

    def objects(self, kind: str, namespace: str) -> dict[str, Registration]:
        """Objects of one kind (the last part of its type) in a namespace, by name."""
        found = [one for one in self.deployed.registrations.values() if one.type.rpartition(":")[2] == kind]
        metadata = [(one, one.inputs.get("metadata")) for one in found]
        return {
            meta["name"]: one for one, meta in metadata if isinstance(meta, dict) and meta.get("namespace") == namespace
        }

    def spec(self, kind: str, namespace: str, name: str) -> dict[str, Any]:
        return self.objects(kind, namespace)[name].inputs["spec"]


@cache
def plan(stack: str) -> Plan:
    return Plan(stack, plan_of_all_systems(stack))


@dataclass(frozen=True)
class Asked:
    """What one pod that holds data asks for."""

    cpu: str
    memory: str
    storage: str


@dataclass(frozen=True)
class Copies:
    """Where copies go and when one is made."""

    store: str
    """What names the store."""

    schedule: str
    """Five fields of cron, the seconds that some put before them aside."""


@dataclass(frozen=True)
class Kind(ABC):
    """A data service of one of the systems, and where its promises are kept."""

    kind: str
    system: str
    name: str
    labels: Mapping[str, str]
    """Labels of the pods that hold the data."""

    monitor: tuple[str, str]
    """Kind and name of what has them scraped."""

    restore: str
    """Guide and heading that say how it is brought back."""

    secrets: tuple[str, ...]
    """Secrets with credentials."""

    @abstractmethod
    def asked(self, plan: Plan) -> Asked: ...

    @abstractmethod
    def copies(self, plan: Plan) -> Copies: ...

    @abstractmethod
    def budget(self, plan: Plan) -> Any:
        """How many may be missing or have to be there, as the budget or whoever makes it is told."""

    def made(self, plan: Plan) -> Mapping[str, str]:
        """Secrets that an operator makes: by name, what for."""
        return {}

    def sized(self, plan: Plan) -> Asked:
        """What the environment or the system's file says that a pod asks for."""
        size = getattr(SIZES[plan.environment], self.kind)
        return Asked(size.cpu, size.memory, f"{size.storage_gib}Gi")

    def is_scraped(self, plan: Plan) -> bool:
        how, name = self.monitor
        return name in plan.objects(how, self.system)


def by_velero(plan: Plan, system: str) -> Copies:
    """The nightly copies of a workload's volumes."""
    spec = plan.spec("Schedule", "velero", system)
    assert spec["template"]["includedNamespaces"] == [system]
    assert spec["template"]["defaultVolumesToFsBackup"] is True
    return Copies(store=spec["template"]["storageLocation"], schedule=spec["schedule"])


@dataclass(frozen=True)
class Postgres(Kind):
    def asked(self, plan: Plan) -> Asked:
        spec = plan.spec("Cluster", self.system, self.name)
        return Asked(**spec["resources"]["requests"], storage=spec["storage"]["size"])

    def copies(self, plan: Plan) -> Copies:
        (archiver,) = plan.spec("Cluster", self.system, self.name)["plugins"]
        assert archiver["isWALArchiver"] is True
        store = plan.spec("ObjectStore", self.system, archiver["parameters"]["barmanObjectName"])
        schedule = plan.spec("ScheduledBackup", self.system, self.name)
        assert schedule["cluster"] == {"name": self.name}
        seconds, _, rest = schedule["schedule"].partition(" ")
        assert seconds == "0"
        return Copies(store=store["configuration"]["destinationPath"], schedule=rest)

    def budget(self, plan: Plan) -> Any:
        # A budget for all instances but the primary, and one for the primary, by CloudNativePG.
        return plan.spec("Cluster", self.system, self.name)["enablePDB"]

    def made(self, plan: Plan) -> Mapping[str, str]:
        return {f"{self.name}-app": plan.spec("Cluster", self.system, self.name)["bootstrap"]["initdb"]["owner"]}


@dataclass(frozen=True)
class Mongodb(Kind):
    def asked(self, plan: Plan) -> Asked:
        (replicas,) = plan.spec("PerconaServerMongoDB", self.system, self.name)["replsets"]
        claim = replicas["volumeSpec"]["persistentVolumeClaim"]["resources"]["requests"]
        return Asked(**replicas["resources"]["requests"], storage=claim["storage"])

    def copies(self, plan: Plan) -> Copies:
        backup = plan.spec("PerconaServerMongoDB", self.system, self.name)["backup"]
        if not backup["enabled"]:
            assert f"{self.name}-dumps" in plan.objects("PersistentVolumeClaim", self.system)
            return by_velero(plan, self.system)
        (task,) = backup["tasks"]
        assert (task["enabled"], backup["pitr"]["enabled"]) == (True, True)
        return Copies(store=backup["storages"][task["storageName"]]["minio"]["bucket"], schedule=task["schedule"])

    def budget(self, plan: Plan) -> Any:
        (replicas,) = plan.spec("PerconaServerMongoDB", self.system, self.name)["replsets"]
        return replicas["podDisruptionBudget"]


@dataclass(frozen=True)
class Kafka(Kind):
    def asked(self, plan: Plan) -> Asked:
        nodes = plan.spec("KafkaNodePool", self.system, "broker")
        (volume,) = nodes["storage"]["volumes"]
        return Asked(**nodes["resources"]["requests"], storage=volume["size"])

    def copies(self, plan: Plan) -> Copies:
        return by_velero(plan, self.system)

    def budget(self, plan: Plan) -> Any:
        return plan.spec("Kafka", self.system, self.name)["kafka"]["template"]["podDisruptionBudget"]

    def made(self, plan: Plan) -> Mapping[str, str]:
        return {name: name for name in plan.objects("KafkaUser", self.system)}


@dataclass(frozen=True)
class Rabbitmq(Kind):
    def asked(self, plan: Plan) -> Asked:
        spec = plan.spec("RabbitmqCluster", self.system, self.name)
        return Asked(**spec["resources"]["requests"], storage=spec["persistence"]["storage"])

    def copies(self, plan: Plan) -> Copies:
        return by_velero(plan, self.system)

    def budget(self, plan: Plan) -> Any:
        budget = plan.spec("PodDisruptionBudget", self.system, self.name)
        assert budget["selector"]["matchLabels"] == self.labels
        return {"maxUnavailable": budget["maxUnavailable"]}


def values_of(plan: Plan, system: str, name: str) -> dict[str, Any]:
    """What the chart of a data service is told."""
    (found,) = [
        one.inputs["values"]
        for one in plan.deployed.of_type("kubernetes:helm.sh/v3:Release")
        if (one.inputs["namespace"], one.inputs["name"]) == (system, name)
    ]
    return found


def own_budget(plan: Plan, system: str, name: str, labels: Mapping[str, str]) -> Any:
    """A budget that the project writes itself, for exactly these pods."""
    budget = plan.spec("PodDisruptionBudget", system, name)
    assert budget["selector"]["matchLabels"] == labels
    return {"maxUnavailable": budget["maxUnavailable"]}


@dataclass(frozen=True)
class Valkey(Kind):
    def asked(self, plan: Plan) -> Asked:
        claim = plan.spec("PersistentVolumeClaim", self.system, self.name)["resources"]["requests"]
        return Asked(**values_of(plan, self.system, self.name)["resources"]["requests"], storage=claim["storage"])

    def sized(self, plan: Plan) -> Asked:
        # Of the 512 MiB of the file, in each environment: as much again for the log, half for the rest, and 32.
        return Asked("50m", "1056Mi", "2Gi")

    def copies(self, plan: Plan) -> Copies:
        around = values_of(plan, self.system, self.name)["podAnnotations"]
        assert {f"{when}.hook.backup.velero.io/command" for when in ("pre", "post")} <= around.keys()
        return by_velero(plan, self.system)

    def budget(self, plan: Plan) -> Any:
        return own_budget(plan, self.system, self.name, self.labels)

    def is_scraped(self, plan: Plan) -> bool:
        return values_of(plan, self.system, self.name)["metrics"]["serviceMonitor"]["enabled"]


@dataclass(frozen=True)
class Weaviate(Kind):
    def asked(self, plan: Plan) -> Asked:
        values = values_of(plan, self.system, self.name)
        return Asked(**values["resources"]["requests"], storage=values["storage"]["size"])

    def copies(self, plan: Plan) -> Copies:
        return by_velero(plan, self.system)

    def budget(self, plan: Plan) -> Any:
        budget = values_of(plan, self.system, self.name)["podDisruptionBudgets"]["weaviate"]
        return budget["enabled"] and budget["spec"]

    def is_scraped(self, plan: Plan) -> bool:
        return values_of(plan, self.system, self.name)["serviceMonitor"]["enabled"]


KINDS: Sequence[Kind] = (
    Postgres(
        kind="postgres",
        system="orders",
        name="orders",
        labels={"cnpg.io/cluster": "orders", "cnpg.io/podRole": "instance"},
        monitor=("PodMonitor", "orders"),
        restore="docs/restore-postgresql.md#In the cluster",
        secrets=("orders-app",),
    ),
    Mongodb(
        kind="mongodb",
        system="orders",
        name="payments",
        labels={"app.kubernetes.io/name": "percona-server-mongodb", "app.kubernetes.io/instance": "payments"},
        monitor=("ServiceMonitor", "payments"),
        restore="docs/data-services.md#Restoring MongoDB",
        secrets=("payments-application", "payments-exporter"),
    ),
    Kafka(
        kind="kafka",
        system="todo",
        name="events",
        labels={"strimzi.io/cluster": "events", "strimzi.io/name": "events-kafka"},
        monitor=("PodMonitor", "events"),
        restore="docs/data-services.md#Restoring Kafka",
        secrets=("events-dapr",),
    ),
    Rabbitmq(
        kind="rabbitmq",
        system="indexforge",
        name="work",
        labels={"app.kubernetes.io/name": "work", "app.kubernetes.io/component": "rabbitmq"},
        monitor=("ServiceMonitor", "work"),
        restore="docs/data-services.md#Restoring RabbitMQ",
        secrets=("work-application", "work-default-user"),
    ),
    Valkey(
        kind="valkey",
        system="indexforge",
        name="cache",
        labels={"app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": "cache"},
        monitor=("ServiceMonitor", "cache"),
        restore="docs/data-services.md#Restoring Valkey",
        secrets=("cache-users",),
    ),
    Weaviate(
        kind="weaviate",
        system="indexforge",
        name="vectors",
        labels={"app": "weaviate"},
        monitor=("ServiceMonitor", "weaviate"),
        restore="docs/data-services.md#Restoring Weaviate",
        secrets=("vectors-keys", "weaviate-cluster-api-basic-auth"),
    ),
)

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
each_stack = pytest.mark.parametrize("stack", STACKS)


@each_kind
def test_what_it_keeps_is_on_a_volume_and_its_size_is_the_environments(kind: Kind):
    for stack in (SMALL, "gke-staging"):
        assert kind.asked(plan(stack)) == kind.sized(plan(stack))


@each_kind
@each_stack
def test_it_is_copied_every_night_into_the_stacks_own_store(kind: Kind, stack: str):
    copies = kind.copies(plan(stack))

    assert copies.store
    assert re.fullmatch(r"\d+ \d+ \* \* \*", copies.schedule)


@each_kind
def test_a_guide_says_how_it_is_brought_back(kind: Kind):
    guide, _, heading = kind.restore.partition("#")

    assert guide in GUIDES
    assert re.search(rf"^#+ {heading}$", Path(guide).read_text(), re.MULTILINE)


@each_kind
@each_stack
def test_it_is_scraped_and_prometheus_gets_in(kind: Kind, stack: str):
    assert kind.is_scraped(plan(stack))

    prometheus = [
        peer
        for rule in rules(plan(stack), kind, "ingress")
        for peer in rule["from"]
        if peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/name") == "prometheus"
    ]
    assert prometheus


@each_kind
@each_stack
def test_nobody_gets_in_but_who_is_named(kind: Kind, stack: str):
    default = plan(stack).spec("NetworkPolicy", kind.system, "default-deny")
    assert (default["podSelector"], default["policyTypes"]) == ({}, ["Ingress", "Egress"])
    assert "ingress" not in default

    for rule in rules(plan(stack), kind, "ingress"):
        assert rule["ports"]
        assert rule["from"]
        assert all(peer["podSelector"] for peer in rule["from"])


@each_kind
@each_stack
def test_one_of_three_may_be_missing(kind: Kind, stack: str):
    assert kind.budget(plan(stack)) in ({"maxUnavailable": 1}, True)


@each_kind
@each_stack
def test_its_credentials_are_generated_into_secrets(kind: Kind, stack: str):
    there, made = plan(stack).objects("Secret", kind.system), kind.made(plan(stack))

    for secret in kind.secrets:
        if secret in made:
            assert secret not in there
        else:
            assert any(f"${PASSWORD}::" in urn or f"::{PASSWORD}::" in urn for urn in there[secret].depends_on)


@each_stack
def test_a_geocoder_is_imported_anew_instead_of_copied_and_watched_from_outside(stack: str):
    there, labels = plan(stack), {"app.kubernetes.io/name": "nominatim", "app.kubernetes.io/instance": "places"}
    volume = there.spec("PersistentVolumeClaim", "bakery", "places")
    template = there.spec("StatefulSet", "bakery", "places")["template"]

    assert volume["resources"]["requests"] == {"storage": "70Gi"}
    assert template["metadata"]["annotations"]["backup.velero.io/backup-volumes-excludes"] == "data,project,tmp"
    assert any(name.startswith("places-nominatim-import-") for name in there.objects("Job", "bakery"))
    assert "places-nominatim-update" in there.objects("CronJob", "bakery")
    server = {**labels, "app.kubernetes.io/component": "server"}
    assert own_budget(there, "bakery", "places", server) == {"maxUnavailable": 1}
    assert any(PASSWORD in urn for urn in there.objects("Secret", "bakery")["places-users"].depends_on)
    assert "default-deny" in there.objects("NetworkPolicy", "bakery")
    # Its image has no metrics: Kubernetes' own know when it is down, and when its data is old.
    known = "".join(path.read_text() for path in Path("alerts/rules").glob("*.yaml"))
    guide = Path("docs/data-services.md").read_text()
    for alert in ("StatefulSetUnavailable", "JobFailed", "NominatimDataOld"):
        assert f"- alert: {alert}\n" in known
        assert alert in guide
    assert "\n### Restoring Nominatim\n" in guide


@each_stack
def test_what_makes_vectors_has_a_budget_and_keeps_nothing(stack: str):
    there, labels = plan(stack), {"app.kubernetes.io/name": "t2v-transformers"}
    pod = there.spec("Deployment", "indexforge", "t2v-transformers")["template"]["spec"]

    assert own_budget(there, "indexforge", "t2v-transformers", labels) == {"maxUnavailable": 1}
    assert [set(volume) for volume in pod["volumes"]] == [{"name", "emptyDir"}]


def rules(plan: Plan, kind: Kind, direction: str) -> list[dict[str, Any]]:
    """The rules of all policies that are about the pods of a data service."""
    return [
        rule
        for policy in plan.objects("NetworkPolicy", kind.system).values()
        if (labels := policy.inputs["spec"]["podSelector"].get("matchLabels")) and labels.items() <= kind.labels.items()
        for rule in policy.inputs["spec"].get(direction, [])
    ]
