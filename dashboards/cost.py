"""Cost rows: what the cluster costs at the prices that are typed in, by namespace and by node."""

from dashboards.capacity import CHOSEN, IN_NAMESPACE, NODES, charged, requested, used
from dashboards.expressions import series, total
from dashboards.layout import row
from dashboards.panels import Query, stat, table, timeseries
from dashboards.variables import Typed

CORE_PRICE = Typed(
    name="core_hour",
    label="Price of a vCPU-hour",
    description="In the currency of your contract. 0.03 is about what one costs on demand.",
    default="0.03",
)
MEMORY_PRICE = Typed(
    name="gib_hour",
    label="Price of a GiB-hour of memory",
    description="In the currency of your contract. 0.004 is about what it costs on demand.",
    default="0.004",
)
STORAGE_PRICE = Typed(
    name="gib_month",
    label="Price of a GiB-month of storage",
    description="In the currency of your contract. 0.10 is about what a balanced disk costs.",
    default="0.10",
)
PRICES = (CORE_PRICE, MEMORY_PRICE, STORAGE_PRICE)

HOURS_OF_A_MONTH = 730


def _a_month(cores: str, gib: str) -> str:
    """The cost of this many cores and GiB of memory for a month."""
    return f"(({cores}) * $core_hour + ({gib}) * $gib_hour) * {HOURS_OF_A_MONTH}"


def _capacity(resource: str, *by: str) -> str:
    return total(series("kube_node_status_capacity", f'resource="{resource}",{NODES}'), *by)


def _storage(*by: str) -> str:
    """The cost of volumes for a month, by the size that was asked for."""
    claimed = series("kube_persistentvolumeclaim_resource_requests_storage_bytes", IN_NAMESPACE)
    return f"{total(claimed, *by)} / 2^30 * $gib_month"


def _idle(*by: str) -> str:
    """The cost of what pods ask for and do not use."""
    cores, memory = (
        f"clamp_min({requested(resource, CHOSEN, *by)} - {used(resource, CHOSEN, *by)}, 0)"
        for resource in ("cpu", "memory")
    )
    return _a_month(cores, f"{memory} / 2^30")


_NODES = _a_month(_capacity("cpu"), f"{_capacity('memory')} / 2^30")

COST_A_MONTH = stat(
    "Nodes, a month",
    Query(expression=_NODES),
    unit="currencyUSD",
    decimals=0,
    description="The chosen nodes for 730 hours at the prices above, used or not. Discounts, traffic and services that"
    " the cloud runs are not in it.",
)

COST = row(
    "Cost a month, at the prices above",
    table(
        "Cost of namespaces",
        Query(expression=_a_month(charged("cpu", "namespace"), charged("memory", "namespace")), legend="Nodes"),
        Query(expression=_storage("namespace"), legend="Volumes"),
        Query(expression=_idle("namespace"), legend="Asked for, not used"),
        columns={"namespace": "Namespace"},
        unit="currencyUSD",
        description="What each asks for of nodes, or uses where that is more. What no pod asks for belongs to nobody.",
        sort_by="Nodes",
        width=12,
        height=10,
    ),
    table(
        "Cost of nodes",
        Query(
            expression=_a_month(_capacity("cpu", "node"), f"{_capacity('memory', 'node')} / 2^30"),
            legend="Whole node",
        ),
        Query(
            expression=_a_month(requested("cpu", NODES, "node"), f"{requested('memory', NODES, 'node')} / 2^30"),
            legend="Asked for by pods",
        ),
        Query(
            expression=_a_month(used("cpu", NODES, "node"), f"{used('memory', NODES, 'node')} / 2^30"),
            legend="Used",
        ),
        columns={"node": "Node"},
        unit="currencyUSD",
        description="A node is paid for as a whole. Where little of it is asked for, the cluster can do with fewer.",
        sort_by="Whole node",
        width=12,
        height=10,
    ),
    timeseries(
        "Cost of nodes over time",
        Query(expression=_NODES, legend="whole nodes"),
        Query(expression=_a_month(charged("cpu"), charged("memory")), legend="asked for or used"),
        Query(expression=_a_month(used("cpu", CHOSEN), f"{used('memory', CHOSEN)} / 2^30"), legend="used"),
        unit="currencyUSD",
        description="Between the first two: room that nobody asked for. Below: requests that are too high.",
    ),
    timeseries(
        "Cost by namespace over time",
        Query(
            expression=f"topk(10, {_a_month(charged('cpu', 'namespace'), charged('memory', 'namespace'))})",
            legend="{{namespace}}",
        ),
        unit="currencyUSD",
        description="A month of nodes, as each point in time would have it go on. The ten dearest.",
        stacked=True,
    ),
)
