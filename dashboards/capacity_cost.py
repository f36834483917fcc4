"""Cluster capacity and cost: what nodes offer, who asks for it, who uses it, what runs out, and what it costs."""

from typing import Literal

from dashboards.capacity import IN_NAMESPACE, NODES, PRESENT, Resource, allocatable, limited, requested, used
from dashboards.capacity_rows import FILLED, NAMESPACES, VOLUMES, WAITING
from dashboards.cost import COST, COST_A_MONTH, PRICES
from dashboards.expressions import number, or_zero, series, total
from dashboards.layout import Dashboard, row
from dashboards.panels import Panel, Query, Unit, rising, stat, table, timeseries
from dashboards.variables import CLOUD, NAMESPACE, Variable

NODE = Variable(
    name="node",
    label="Node",
    description="A node of the cluster. Pods that wait for a node are of none.",
    query="label_values(kube_node_info, node)",
)

FULL = rising(warning=0.8, critical=0.95)
OVERCOMMITTED = rising(warning=1.5, critical=2.5)
FIRST = rising(warning=1, critical=1)

_READY = series("kube_node_status_condition", f'condition="Ready",status="true",{NODES}')
_PRESSURE = series("kube_node_status_condition", f'condition=~"(Memory|Disk|PID)Pressure",status="true",{NODES}')
_UNBOUND = series("kube_persistentvolumeclaim_status_phase", f'phase!="Bound",{IN_NAMESPACE}')
_ON_NODES = f"kube_pod_info{{{NODES}}} and on (namespace, pod) {PRESENT}"

_CORES, _BYTES = allocatable("cpu"), allocatable("memory")

OVERVIEW = row(
    "Now",
    stat(
        "Nodes not ready",
        Query(expression=or_zero(number(f"{_READY} == 0"))),
        unit="short",
        description="Nodes whose kubelet does not report, or reports trouble. Their pods move after five minutes.",
        thresholds=FIRST,
    ),
    *(
        stat(
            title,
            Query(expression=f"{amount} / {offered}"),
            unit="percentunit",
            decimals=0,
            description=description,
            thresholds=FULL,
        )
        for title, amount, offered, description in (
            ("Processor requested", requested("cpu", NODES), _CORES, "At 100 % no new pod finds room, idle or not."),
            ("Processor used", used("cpu", NODES), _CORES, "What containers use of what nodes offer to pods."),
            ("Memory requested", requested("memory", NODES), _BYTES, "At 100 % no new pod finds room."),
            ("Memory used", used("memory", NODES), _BYTES, "Near 100 % nodes begin to evict pods."),
        )
    ),
    stat(
        "Pod slots taken",
        Query(expression=f"{number(_ON_NODES)} / {allocatable('pods')}"),
        unit="percentunit",
        decimals=0,
        description="Pods on nodes, as a share of how many they take. With small pods it ends before processor does.",
        thresholds=FULL,
    ),
    stat(
        "Pods that wait for a node",
        Query(expression=or_zero(total(series("kube_pod_status_unschedulable", IN_NAMESPACE)))),
        unit="short",
        description="Pods that fit nowhere: no room, a taint, a zone, or a volume that is elsewhere.",
        thresholds=FIRST,
    ),
    stat(
        "Memory overcommitted",
        Query(expression=f"{limited('memory', NODES)} / {allocatable('memory')}"),
        unit="percentunit",
        decimals=0,
        description="Limits of memory as a share of what nodes offer: what happens if all use what they may.",
        thresholds=OVERCOMMITTED,
    ),
    stat(
        "Nodes under pressure",
        Query(expression=or_zero(number(f"{_PRESSURE} == 1"))),
        unit="short",
        description="Nodes that are short of memory, disk or processes: they evict pods and take no new ones.",
        thresholds=FIRST,
    ),
    stat(
        "Fullest volume",
        Query(expression=f"max({FILLED})"),
        unit="percentunit",
        decimals=0,
        description="The volume that is nearest to being full.",
        thresholds=rising(warning=0.8, critical=0.9),
    ),
    stat(
        "Claims without a volume",
        Query(expression=or_zero(total(_UNBOUND))),
        unit="short",
        description="Claims that are pending or have lost their volume. Their pods do not start.",
        thresholds=FIRST,
    ),
    COST_A_MONTH,
)


def _share(legend: str, amount: str, resource: Literal["cpu", "memory", "pods"]) -> Query:
    """A column of the table of nodes: what is taken of what each offers."""
    return Query(expression=f"{amount} / {allocatable(resource, 'node')}", legend=legend, thresholds=FULL)


def _course(title: str, resource: Resource, unit: Unit, description: str) -> Panel:
    """What nodes offer over time, against what is asked of them."""
    return timeseries(
        title,
        Query(expression=allocatable(resource), legend="offered by nodes"),
        Query(expression=limited(resource, NODES), legend="limits of pods"),
        Query(expression=requested(resource, NODES), legend="requested by pods"),
        Query(expression=used(resource, NODES), legend="used by containers"),
        unit=unit,
        description=description,
    )


NODE_ROW = row(
    "Nodes",
    table(
        "Nodes",
        Query(expression=allocatable("cpu", "node"), legend="Cores", unit="short"),
        _share("Requested", requested("cpu", NODES, "node"), "cpu"),
        _share("Used", used("cpu", NODES, "node"), "cpu"),
        Query(expression=allocatable("memory", "node"), legend="Memory", unit="bytes"),
        _share("Memory requested", requested("memory", NODES, "node"), "memory"),
        _share("Memory used", used("memory", NODES, "node"), "memory"),
        Query(
            expression=f"{limited('memory', NODES, 'node')} / {allocatable('memory', 'node')}",
            legend="Memory limits",
            thresholds=OVERCOMMITTED,
        ),
        _share("Pod slots", number(_ON_NODES, "node"), "pods"),
        columns={"node": "Node"},
        unit="percentunit",
        description="Each node: what it offers to pods, and how much of it they ask for, use and may use.",
        sort_by="Memory used",
    ),
    _course("Processor", "cpu", "short", "Cores. Far less used than requested: requests are too high."),
    _course("Memory", "memory", "bytes", "Used above requested: pods would not fit if they were placed anew."),
)

DASHBOARD = Dashboard(
    uid="gw-capacity-cost",
    title="Cluster capacity and cost",
    folder="Platform",
    description="What nodes offer, who asks for it and who uses it, what runs out, and what it costs.",
    tags=("kubernetes", "capacity", "cost"),
    rows=(OVERVIEW, NODE_ROW, NAMESPACES, VOLUMES, WAITING, COST),
    related=("gw-platform-health", "gw-service-overview", "gw-data-services"),
    variables=(CLOUD, NAMESPACE, NODE, *PRICES),
    span="now-6h",
)
