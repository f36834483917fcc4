"""What holds for every component: naming, nesting, outputs and arguments."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

import components
from components.address_plan import plan_addresses
from components.contracts import (
    LOGS_WRITER,
    Capabilities,
    ObjectStore,
    Registry,
    WorkloadIdentity,
)
from components.gke.api_access import GkeEndpoints
from components.gke.apis import GkeApisArgs
from components.gke.cluster import GkeClusterArgs
from components.gke.encryption import GkeEncryptionArgs
from components.gke.identity import GkeNodeIdentityArgs
from components.gke.network import GkeNetworkArgs
from components.gke.node_pools import GkeNodePool, GkeNodePoolsArgs
from components.gke.object_store import GkeObjectStoreArgs
from components.gke.registry import GkeRegistryArgs
from components.platform.alloy import AlloyArgs
from components.platform.grafana import GrafanaAdmin, GrafanaAdminArgs
from components.platform.loki import LokiArgs
from components.platform.namespaces import NamespacesArgs
from components.platform.operator_crds import OperatorCrdsArgs
from components.platform.prometheus import PrometheusArgs
from components.releases import ChartSource
from components.services.application_service import ApplicationServiceArgs
from components.services.application_system import ApplicationSystemArgs
from components.services.model import Service, Workload
from tests.mock_engine import Deployed

ADDRESSES = plan_addresses("10.0.0.0/12")
CAPABILITIES = Capabilities(
    storage_class="fast", control_plane_metrics=False, kube_proxy_metrics=False, cluster_dns="coredns"
)
STORE = ObjectStore(
    bucket="logs",
    kind="gcs",
    loki_storage={"type": "gcs", "bucketNames": {"chunks": "logs"}},
    identity=WorkloadIdentity(service_account=LOGS_WRITER),
)
SERVICE = Service.model_validate({"image": {"tag": "1.0.0"}, "ports": {"http": 8080}})


class Prerequisite(pulumi.ComponentResource):
    """Stands for any resource that a component waits for."""

    def __init__(self, name: str) -> None:
        super().__init__("test:index:Prerequisite", name)


def arguments(component: type[pulumi.ComponentResource], wait: pulumi.Resource) -> Any:
    """Arguments for one component of each class."""
    charts = ChartSource(mirror="charts-mirror")
    match component.__name__:
        case "GkeApis":
            return GkeApisArgs(apis=["compute"])
        case "GkeNetwork":
            return GkeNetworkArgs(addresses=ADDRESSES, region="europe-west1", compute_api=wait)
        case "GkeEncryption":
            return GkeEncryptionArgs(
                key_ring="groundwork", location="europe-west1", protect=True, kms_api=wait, container_api=wait
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
                api=wait,
            )
        case "GkeObjectStore":
            return GkeObjectStoreArgs(
                bucket="logs",
                location="europe-west1",
                expire_days=37,
                noncurrent_days=7,
                protect=True,
                member="principal://loki",
                api=wait,
                identity_pool=wait,
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
            pool = GkeNodePool(machine_type="e2-standard-4", min_nodes=1, max_nodes=3, disk_gib=100)
            return GkeNodePoolsArgs(cluster="cluster", pools={"system": pool}, service_account="nodes", ready=[wait])
        case "Namespaces":
            return NamespacesArgs(levels={"monitoring": "privileged"})
        case "OperatorCrds":
            return OperatorCrdsArgs(namespace=wait, charts=charts)
        case "GrafanaAdmin":
            return GrafanaAdminArgs(namespace=wait)
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
        case "Alloy":
            return AlloyArgs(push_url="http://loki", namespace=wait, service_monitors=wait, nodes=[wait], charts=charts)
        case "Prometheus":
            return PrometheusArgs(
                retention_days=7,
                storage_gib=20,
                high_availability=True,
                capabilities=CAPABILITIES,
                grafana_admin=GrafanaAdmin(f"admin-for-{id(wait)}", GrafanaAdminArgs(namespace=wait)),
                data_sources=[],
                namespace=wait,
                crds=wait,
                nodes=[wait],
                charts=charts,
            )
        case "ApplicationService":
            return ApplicationServiceArgs(
                workload="todo", service="backend", spec=SERVICE, image_prefix="registry", waits_for=[wait]
            )
        case "ApplicationSystem":
            return ApplicationSystemArgs(
                workload=Workload(services={"backend": SERVICE}),
                registry=Registry(image_prefix="registry"),
                service_monitors=wait,
                nodes=[wait],
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
