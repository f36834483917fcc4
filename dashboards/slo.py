"""Service level objectives: what was promised, what was kept, how fast the error budget goes, and the report."""

from dashboards.expressions import SHOWN
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard
from dashboards.panels import Query, falling, rising, stat, table, timeseries
from dashboards.variables import CLOUD, Variable

WORKLOAD = Variable(
    name="workload",
    label="Workload",
    description="A workload of the stack.",
    query="label_values(slo:objective:ratio, workload)",
)

SERVICE = Variable(
    name="service",
    label="Service",
    description="A service of the workload that promises something.",
    query='label_values(slo:objective:ratio{workload=~"$workload"}, service)',
)

SLO = Variable(
    name="slo",
    label="Objective",
    description="An objective: availability, latency-p95 and the others of docs/slos.md.",
    query='label_values(slo:objective:ratio{workload=~"$workload",service=~"$service"}, slo)',
)

ONE = "workload, service, slo"
CHOSEN = '{workload=~"$workload",service=~"$service",slo=~"$slo"}'
NAME = "{{workload}}/{{service}} {{slo}}"

REMAINING = falling(warning=0.25, critical=0)
FAST, SLOW = 14.4, 1

_SERVICE = to_dashboard(
    "gw-service-overview", "Service", namespace="${__data.fields.Workload}", service="${__data.fields.Service}"
)


def _over(side: str, window: str) -> str:
    """Events of a window: samples are 30 seconds apart, and each is a rate per second."""
    return f"(sum_over_time(slo:{side}:rate5m{CHOSEN}[{window}]) * 30)"


def _burn(window: str) -> str:
    return f"slo:sli_error:ratio_rate{window}{CHOSEN} / (1 - slo:objective:ratio{CHOSEN})"


OVERVIEW = row(
    "Now",
    stat(
        "Objectives that are measured",
        Query(expression=f"count(slo:objective:ratio{CHOSEN})"),
        unit="short",
        description="Objectives that are measured by a share of good events.",
    ),
    stat(
        "Broken",
        Query(expression=f"count(slo:error_budget_remaining:ratio{CHOSEN} < 0) or vector(0)"),
        unit="short",
        description="Objectives whose error budget of 30 days is spent.",
        thresholds=rising(warning=1, critical=1),
    ),
    stat(
        "Least budget left",
        Query(expression=f"min(slo:error_budget_remaining:ratio{CHOSEN})"),
        unit="percentunit",
        decimals=1,
        description="What the worst of them has left of its error budget of 30 days. Below 0 the promise is broken.",
        thresholds=REMAINING,
    ),
    stat(
        "Fastest burn (1 h)",
        Query(expression=f"max({_burn('1h')})"),
        unit="short",
        decimals=1,
        description="How many times faster than allowed the budget goes. 1 uses it up in 30 days, 14.4 in two days.",
        thresholds=rising(warning=SLOW, critical=FAST),
    ),
    stat(
        "Alerts on objectives",
        Query(expression='count(ALERTS{alertstate="firing",component="slo"}) or vector(0)'),
        unit="short",
        description="Alerts on burn rates, spent budgets and floors of throughput that fire now.",
        thresholds=rising(warning=1, critical=1),
    ),
    stat(
        "Not measured",
        Query(expression=f"count(slo:objective:ratio{CHOSEN} unless slo:sli_error:ratio_rate1d{CHOSEN}) or vector(0)"),
        unit="short",
        description="Objectives without an event for a day: an idle service, or one whose metric is missing.",
        thresholds=rising(warning=1, critical=10),
    ),
)

OBJECTIVES = row(
    "Objectives and their budgets",
    table(
        "Objectives",
        Query(expression=f"max by ({ONE}) (slo:objective:ratio{CHOSEN})", legend="Promised"),
        Query(expression=f"1 - max by ({ONE}) (slo:sli_error:ratio_rate30d{CHOSEN})", legend="Kept (30 d)"),
        Query(
            expression=f"min by ({ONE}) (slo:error_budget_remaining:ratio{CHOSEN})",
            legend="Budget left",
            thresholds=REMAINING,
        ),
        *(
            Query(
                expression=f"max by ({ONE}) ({_burn(window)})",
                legend=f"Burn {window}",
                unit="short",
                thresholds=rising(warning=warning, critical=critical),
            )
            for window, warning, critical in (("1h", 1, 14.4), ("6h", 1, 6), ("3d", 1, 3))
        ),
        columns={"workload": "Workload", "service": "Service", "slo": "Objective"},
        unit="percentunit",
        description="What each service promises, what it kept over the last 30 days, and how fast its budget goes.",
        height=10,
        links=(_SERVICE,),
    ),
    timeseries(
        "Error budget left",
        Query(expression=f"slo:error_budget_remaining:ratio{CHOSEN}", legend=NAME),
        unit="percentunit",
        description="Of the budget of 30 days that move along. A step is an outage; it comes back 30 days later.",
        thresholds=REMAINING,
        minimum=None,
        maximum=1,
    ),
    timeseries(
        "Share of bad events (1 h)",
        Query(expression=f"slo:sli_error:ratio_rate1h{CHOSEN}", legend=NAME),
        unit="percentunit",
        description="What the burn rates are made of: errors, slow answers, lost events, as the objective counts them.",
        links=(to_dashboard("gw-service-overview", "Service", service="${__field.labels.service}"),),
    ),
)

BURNING = row(
    "Burn rates, as the alerts see them",
    *(
        timeseries(
            f"Burn over {long} and {short}",
            Query(expression=_burn(long), legend=f"{NAME} {long}"),
            Query(expression=_burn(short), legend=f"{NAME} {short}"),
            unit="short",
            description=f"{severity} where both are above {limit:g}: the budget is then gone in {gone}.",
            thresholds=rising(warning=1, critical=limit) if limit > 1 else rising(warning=1, critical=1),
        )
        for long, short, limit, severity, gone in (
            ("1h", "5m", 14.4, "Critical", "two days"),
            ("6h", "30m", 6, "Critical", "five days"),
            ("1d", "2h", 3, "Warning", "ten days"),
            ("3d", "6h", 1, "Warning", "30 days"),
        )
    ),
)

THROUGHPUT = row(
    "Floors of throughput",
    timeseries(
        "Throughput above its floor",
        Query(
            expression=f"slo:throughput:rate30m{CHOSEN} / slo:throughput_floor:rate{CHOSEN}",
            legend=NAME,
        ),
        unit="percentunit",
        description="What a service gets done, as a share of the floor that it promises. Below 100 % it is too little.",
        thresholds=falling(warning=1.1, critical=1),
    ),
    table(
        "Floors",
        Query(expression=f"max by ({ONE}) (slo:throughput_floor:rate{CHOSEN})", legend="Floor"),
        Query(expression=f"max by ({ONE}) (slo:throughput:rate30m{CHOSEN})", legend="Now (30 min)"),
        columns={"workload": "Workload", "service": "Service", "slo": "Floor of"},
        unit="reqps",
        description="Events per second. What has nothing to do is not shown as now, if its floor does not count that.",
        width=12,
    ),
)

_SPENT = f"sum by ({ONE}) {_over('errors', SHOWN)} / sum by ({ONE}) {_over('requests', SHOWN)}"

REPORT = row(
    "Report of the span of time that is shown (choose a month)",
    table(
        "Report",
        Query(expression=f"sum by ({ONE}) {_over('requests', SHOWN)}", legend="Events", unit="short"),
        Query(expression=f"sum by ({ONE}) {_over('errors', SHOWN)}", legend="Bad events", unit="short"),
        Query(
            expression=f"1 - {_SPENT}",
            legend="Kept",
            unit="percentunit",
        ),
        Query(expression=f"max by ({ONE}) (slo:objective:ratio{CHOSEN})", legend="Promised", unit="percentunit"),
        Query(
            expression=f"1 - ({_SPENT}) / (1 - max by ({ONE}) (slo:objective:ratio{CHOSEN}))",
            legend="Budget left",
            unit="percentunit",
            thresholds=REMAINING,
        ),
        columns={"workload": "Workload", "service": "Service", "slo": "Objective"},
        unit="short",
        description="For a monthly report choose the month at the top right (Previous month). It reaches back as far as"
        " metrics are kept.",
        height=10,
    ),
    collapsed=True,
)

DASHBOARD = Dashboard(
    uid="gw-slo",
    title="SLOs and error budgets",
    folder="Applications",
    description="What services promise, what they keep of it, and how fast their error budgets go.",
    tags=("slo", "error-budget"),
    rows=(OVERVIEW, OBJECTIVES, BURNING, THROUGHPUT, REPORT),
    related=("gw-service-overview", "gw-platform-health"),
    variables=(CLOUD, WORKLOAD, SERVICE, SLO),
    span="now-24h",
)
