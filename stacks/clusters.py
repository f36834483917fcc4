"""The cluster block of a stack, one model per cloud: API access, upgrades, and the node pools."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from stacks.model import Cidr, Distinct, LabelKey, LabelValue, Model, at, form

PoolName = Annotated[
    str, form(r"[a-z][a-z0-9]{0,11}", "12 lower-case letters and digits at most, starting with a letter")
]
"""At most 12 lower-case letters and digits: the shortest limit among the clouds (AKS)."""

Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


class Taint(Model):
    """Keeps pods off the nodes of a pool unless they tolerate it."""

    key: LabelKey
    value: LabelValue = ""
    effect: Effect = "NoSchedule"


class NodePool(Model):
    """A group of equal nodes."""

    min_nodes: int = Field(ge=0, le=1000)
    """The fewest nodes, over all zones."""

    max_nodes: int = Field(ge=1, le=1000)
    """The most nodes, over all zones."""

    disk_gib: int = Field(default=100, ge=20, le=65536)
    """Boot disk of each node in GiB."""

    spot: bool = False
    """Whether the nodes are spare capacity that the cloud may take back at any time. AKS and OKE taint such nodes: only
    pods that tolerate it run there, and none of the platform's do."""

    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict[str, str])
    """Labels of the nodes."""

    taints: tuple[Taint, ...] = ()
    """Taints of the nodes."""

    @property
    def closed(self) -> bool:
        """Whether a taint given here keeps off pods that do not tolerate it."""
        return any(taint.effect != "PreferNoSchedule" for taint in self.taints)

    @field_validator("max_nodes")
    @classmethod
    def _limits_are_in_order(cls, most: int, info: ValidationInfo) -> int:
        if most < info.data.get("min_nodes", 0):
            raise ValueError("less than min_nodes")
        return most


class GkeNodePool(NodePool):
    """A GKE node pool."""

    machine_type: Annotated[str, form(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", "a machine type such as e2-standard-4")]
    """Compute Engine machine type, for example `e2-standard-4`."""

    upgrades: Literal["surge", "blue-green"] = "surge"
    """How nodes are upgraded. `surge`: one after the other, each after its successor is there. `blue-green`: beside a
    second set of the whole pool, which takes quota for twice the nodes; the first set stays an hour to go back to."""


class AksNodePool(NodePool):
    """An AKS agent pool."""

    vm_size: Annotated[str, form(r"Standard_[A-Za-z0-9_-]+", "a VM size such as Standard_D4s_v5")]
    """Azure VM size, for example `Standard_D4s_v5`."""


class OkeNodePool(NodePool):
    """An OKE node pool of flexible shape."""

    shape: Annotated[str, form(r"VM(\.[A-Za-z0-9]+)+", "a shape such as VM.Standard.E5.Flex")]
    """Compute shape, for example `VM.Standard.E5.Flex`."""

    ocpus: int = Field(ge=1, le=114)
    """OCPUs of each node. A node has as many network cards, two at least, and each but the first serves 31 pods."""

    memory_gib: int = Field(ge=1, le=1776)
    """Memory of each node in GiB."""


class ApiAccess(Model):
    """Who reaches the Kubernetes API. The API itself always asks for the cloud's own identity."""

    mode: Literal["dns", "allow-list", "private"]
    """`dns`: a public name guarded by the cloud's IAM, where the cloud has one (GKE). `allow-list`: a public address
    for `allowed_cidrs` only. `private`: from inside the network alone."""

    allowed_cidrs: Annotated[tuple[Cidr, ...], Distinct] = Field(default=(), validate_default=True)
    """Blocks that may reach a public address."""

    @field_validator("allowed_cidrs")
    @classmethod
    def _blocks_go_with_an_allow_list(cls, blocks: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if (info.data.get("mode", "allow-list" if blocks else "") == "allow-list") != bool(blocks):
            raise ValueError("needed with mode allow-list, and only with it")
        return blocks


def _has_an_address(access: ApiAccess) -> ApiAccess:
    if access.mode == "dns":
        raise at(("mode", "this cloud has no IAM-guarded name; use allow-list or private"))
    return access


IpApiAccess = Annotated[ApiAccess, AfterValidator(_has_an_address)]
"""Who reaches the Kubernetes API, on a cloud without an IAM-guarded name for it."""


class GkeCluster(Model):
    """A GKE cluster in Standard mode."""

    zones: Annotated[
        tuple[Annotated[str, form(r"[a-z]+-[a-z]+[0-9]{1,2}-[a-z]", "a zone such as europe-west1-b")], ...], Distinct
    ] = Field(min_length=1)
    """Zones that nodes run in."""

    release_channel: Literal["RAPID", "REGULAR", "STABLE", "EXTENDED"] = "REGULAR"
    """Channel that upgrades come from."""

    api_access: ApiAccess = ApiAccess(mode="dns")
    node_pools: dict[PoolName, GkeNodePool] = Field(min_length=1)
    """The node pools, by name. One at least is open to every pod, as spot nodes of GKE are."""

    @field_validator("node_pools")
    @classmethod
    def _pods_find_a_node(cls, pools: dict[str, GkeNodePool]) -> dict[str, GkeNodePool]:
        if all(pool.closed for pool in pools.values()):
            raise ValueError("every pool has a taint that keeps the platform's pods off; leave one without")
        return pools


AKS_SYSTEM_POOL = "system"
"""The pool that an AKS cluster is created with."""


class AksCluster(Model):
    """An AKS cluster."""

    zones: Annotated[tuple[Literal["1", "2", "3"], ...], Distinct] = Field(min_length=1)
    """Availability zones that nodes run in. Chosen when the cluster is created: its system pool
    stays in them."""

    upgrade_channel: Literal["none", "patch", "stable", "node-image"] = "patch"
    """Channel that upgrades come from. `stable` also goes on by itself to the minor version before the newest one."""

    api_access: IpApiAccess
    node_pools: dict[PoolName, AksNodePool] = Field(min_length=1)
    """The node pools, by name. The one called `system` is there from the start; where there are others, it is for the
    cluster's own pods alone."""

    @field_validator("node_pools")
    @classmethod
    def _pods_find_a_node(cls, pools: dict[str, AksNodePool]) -> dict[str, AksNodePool]:
        problems: list[tuple[str, str]] = []
        system = pools.get(AKS_SYSTEM_POOL)
        if system is None:
            problems.append((AKS_SYSTEM_POOL, "missing; an AKS cluster is created with it"))
        elif system.spot or not system.min_nodes:
            problems.append((AKS_SYSTEM_POOL, "always has a node, and no spot ones"))
        others = [pool for name, pool in pools.items() if name != AKS_SYSTEM_POOL]
        if all(pool.closed for pool in pools.values()) or (others and all(pool.spot or pool.closed for pool in others)):
            problems.append(("", "none is open to every pod: AKS taints spot nodes, and the system pool beside others"))
        if problems:
            raise at(*problems)
        return pools


AvailabilityDomain = Annotated[
    str, form(r"\w{4}:[A-Z0-9-]+-AD-[1-3]", "an availability domain such as Uocm:EU-FRANKFURT-1-AD-1")
]


class OkeCluster(Model):
    """An enhanced OKE cluster."""

    availability_domains: Annotated[tuple[AvailabilityDomain, ...], Distinct] = Field(min_length=1)
    """Availability domains that nodes run in, with the tenancy's prefix: `oci iam availability-domain list`."""

    image_ocid: Annotated[
        str,
        form(r"ocid1\.image\.oc[0-9]+\.[a-z0-9-]+\.[a-z0-9]+", "an OCID such as ocid1.image.oc1.eu-frankfurt-1.aaaa"),
    ]
    """Node image for the Kubernetes version and the shapes: `oci ce node-pool-options get --node-pool-option-id all`
    lists them. It stays until it is changed here: the newest image, looked up, would replace nodes every few weeks."""

    api_access: IpApiAccess
    node_pools: dict[PoolName, OkeNodePool] = Field(min_length=1)
    """The node pools, by name. One at least is open to every pod, so neither spot nor tainted, and never empty: the
    cluster autoscaler runs there itself."""

    @field_validator("node_pools")
    @classmethod
    def _pods_find_a_node(cls, pools: dict[str, OkeNodePool]) -> dict[str, OkeNodePool]:
        # OKE gives preemptible nodes the taint `oci.oraclecloud.com/oke-is-preemptible`, and Oracle advises against
        # them for the primary pool:
        # https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contengusingpreemptiblecapacity.htm
        # That page names no effect; an example of Oracle's has NoSchedule:
        # https://github.com/oracle/karpenter-provider-oci/blob/main/docs/guide/faqs.md
        # The autoscaler is an add-on whose pods tolerate nothing unless they are told to:
        # https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/configuration-arguments-cluster-autoscaler.htm
        fewest = [pool.min_nodes for pool in pools.values() if not (pool.spot or pool.closed)]
        if not fewest:
            raise ValueError("none is open to every pod: OKE taints spot nodes; leave one without spot and taints")
        if not any(fewest):
            raise ValueError("none that is open to every pod always has a node, for the autoscaler; set min_nodes: 1")
        return pools


class LocalCluster(Model):
    """What a local cluster, which is there already, is to be told."""

    storage_class: Annotated[
        str, form(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", "the name of a StorageClass such as standard")
    ] = "standard"
    """StorageClass of claims; `standard` on minikube and on kind."""

    registry: Annotated[
        str, form(r"[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*", "a registry such as localhost:5001, without https://")
    ] = "localhost:5001"
    """Registry that the cluster pulls from; kind's documented local registry by default."""

    metrics_server: bool = False
    """Whether the cluster has a metrics-server already: k3d's, or that of minikube's add-on. By default, as on kind, it
    gets one."""
