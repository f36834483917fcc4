"""Load tests: what k6 asked of a system through the gateway, and what came of it."""

from dashboards.expressions import SHOWN, highest, or_zero, rate, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard
from dashboards.panels import Query, rising, stat, table, timeseries
from dashboards.variables import CLOUD, Variable

CHOSEN = 'system=~"$system",testid=~"$run"'
BY_ENDPOINT = ("system", "name")
NAMED = "{{system}} {{name}}"

P95, P99 = rising(warning=0.5, critical=0.5), rising(warning=1, critical=1)
"""What a run has to keep, in seconds: thresholds of tests/load/lib/thresholds.js."""
ERRORS = rising(warning=0.05, critical=0.05)

SYSTEM = Variable(
    name="system",
    label="System",
    description="An application system that was tested.",
    query="label_values(k6_vus, system)",
)
RUN = Variable(
    name="run",
    label="Run",
    description="A run by its name: that of the command, or system, environment and profile.",
    query='label_values(k6_vus{system=~"$system"}, testid)',
)

OF_SO_FAR = "Of the whole run so far, not of the moment: k6 sends what it has seen since it began."


def slowest(part: str) -> str:
    """Of all answers, whichever protocol brought them."""
    return highest(" or ".join(f"k6_{protocol}_req_duration_{part}{{{CHOSEN}}}" for protocol in ("http", "grpc")))


def at_last(gauge: str) -> str:
    """What a run saw in the end, also when it is over: k6 ends its series with it."""
    return f"last_over_time({gauge}{{{CHOSEN}}}[{SHOWN}])"


def slowest_at_last(part: str) -> str:
    """The same of each endpoint, at the end of a run."""
    measured = (at_last(f"k6_{protocol}_req_duration_{part}") for protocol in ("http", "grpc"))
    return highest(" or ".join(measured), *BY_ENDPOINT)


NOW = row(
    "Now",
    stat(
        "Iterations",
        Query(expression=total(rate("k6_iterations_total", CHOSEN))),
        unit="ops",
        description="Operations that end, each second: what a request, a call or a whole connection is part of.",
    ),
    stat(
        "Users",
        Query(expression=total(f"k6_vus{{{CHOSEN}}}")),
        unit="short",
        description="Virtual users at work. A rate needs more of them where answers take longer.",
    ),
    stat(
        "Slowest p95",
        Query(expression=slowest("p95")),
        unit="s",
        description=f"95 of 100 answers of the slowest endpoint take no longer. {OF_SO_FAR}",
        thresholds=P95,
    ),
    stat(
        "Slowest p99",
        Query(expression=slowest("p99")),
        unit="s",
        description=f"99 of 100 answers of the slowest endpoint take no longer. {OF_SO_FAR}",
        thresholds=P99,
    ),
    stat(
        "Most errors",
        Query(expression=highest(f"k6_errors_rate{{{CHOSEN}}}")),
        unit="percentunit",
        description=f"Share of operations that failed, of the endpoint where most did. {OF_SO_FAR}",
        thresholds=ERRORS,
        decimals=2,
    ),
    stat(
        "Not begun",
        Query(expression=or_zero(total(rate("k6_dropped_iterations_total", CHOSEN)))),
        unit="ops",
        description="Iterations each second that no user was free for: the load is lower than it was meant to be, as "
        "answers take too long.",
        thresholds=rising(warning=0.1, critical=1),
    ),
)

ENDPOINTS = row(
    "By endpoint",
    table(
        "Endpoints",
        Query(expression=slowest_at_last("p95"), legend="p95", unit="s", thresholds=P95),
        Query(expression=slowest_at_last("p99"), legend="p99", unit="s", thresholds=P99),
        Query(
            expression=highest(at_last("k6_errors_rate"), *BY_ENDPOINT),
            legend="Errors",
            unit="percentunit",
            thresholds=ERRORS,
        ),
        Query(
            expression=total(rate("k6_http_reqs_total", CHOSEN, SHOWN), *BY_ENDPOINT), legend="Requests", unit="reqps"
        ),
        columns={"system": "System", "name": "Endpoint"},
        unit="short",
        description="Every endpoint that is asked, the slowest first. Requests are those over HTTP alone.",
        sort_by="p95",
    ),
)

LATENCY = row(
    "Latency",
    timeseries(
        "HTTP p95",
        Query(expression=highest(f"k6_http_req_duration_p95{{{CHOSEN}}}", *BY_ENDPOINT), legend=NAMED),
        unit="s",
        description=f"From the first byte sent to the last received. {OF_SO_FAR}",
        thresholds=P95,
        links=(to_dashboard("gw-gateway", "Gateway"),),
    ),
    timeseries(
        "HTTP p99",
        Query(expression=highest(f"k6_http_req_duration_p99{{{CHOSEN}}}", *BY_ENDPOINT), legend=NAMED),
        unit="s",
        description=f"What one request in a hundred takes longer than. {OF_SO_FAR}",
        thresholds=P99,
    ),
    timeseries(
        "gRPC p95",
        Query(expression=highest(f"k6_grpc_req_duration_p95{{{CHOSEN}}}", *BY_ENDPOINT), legend=NAMED),
        unit="s",
        description=f"Calls, without the time to connect. {OF_SO_FAR}",
        thresholds=P95,
        links=(to_dashboard("gw-grpc", "gRPC"),),
    ),
    timeseries(
        "gRPC p99",
        Query(expression=highest(f"k6_grpc_req_duration_p99{{{CHOSEN}}}", *BY_ENDPOINT), legend=NAMED),
        unit="s",
        description=f"What one call in a hundred takes longer than. {OF_SO_FAR}",
        thresholds=P99,
    ),
    timeseries(
        "WebSocket p95",
        Query(expression=highest(f"k6_ws_connecting_p95{{{CHOSEN}}}", *BY_ENDPOINT), legend=f"{NAMED}: to connect"),
        Query(expression=highest(f"k6_ws_ping_p95{{{CHOSEN}}}", *BY_ENDPOINT), legend=f"{NAMED}: ping"),
        unit="s",
        description=f"Until a connection is open, and from a ping to its answer. {OF_SO_FAR}",
        thresholds=P95,
        links=(to_dashboard("gw-websocket", "WebSocket Metrics"),),
    ),
    timeseries(
        "Parts of a request",
        *(
            Query(expression=highest(f"k6_http_req_{part}_p95{{{CHOSEN}}}"), legend=told)
            for part, told in (
                ("blocked", "waits for a connection"),
                ("connecting", "connects"),
                ("tls_handshaking", "agrees on TLS"),
                ("sending", "sends"),
                ("waiting", "waits for the first byte"),
                ("receiving", "receives"),
            )
        ),
        unit="s",
        description="p95 of each part of a request over HTTP, at the slowest endpoint. Waiting is the system; "
        "connecting and TLS are the gateway, or the way to it.",
    ),
)

OUTCOME = row(
    "Outcome and load",
    timeseries(
        "Errors",
        Query(expression=highest(f"k6_errors_rate{{{CHOSEN}}}", *BY_ENDPOINT), legend=NAMED),
        unit="percentunit",
        description=f"Share of operations that failed. {OF_SO_FAR}",
        thresholds=ERRORS,
        maximum=1,
    ),
    timeseries(
        "Answers by status",
        Query(expression=total(rate("k6_http_reqs_total", CHOSEN), "system", "status"), legend="{{system}} {{status}}"),
        unit="reqps",
        description="Answers over HTTP each second. 0 is none at all: refused, cut off, or later than ten seconds. 429 "
        "is a rate limit of the gateway.",
        stacked=True,
    ),
    timeseries(
        "Iterations by scenario",
        Query(
            expression=total(rate("k6_iterations_total", CHOSEN), "system", "scenario"),
            legend="{{system}} {{scenario}}",
        ),
        Query(
            expression=total(rate("k6_dropped_iterations_total", CHOSEN), "system", "scenario"),
            legend="{{system}} {{scenario}}: not begun",
        ),
        unit="ops",
        description="What a scenario does each second, and what it should have done besides.",
    ),
    timeseries(
        "Users over time",
        Query(expression=f"max by (system, testid) (k6_vus{{{CHOSEN}}})", legend="{{testid}}"),
        unit="short",
        description="Virtual users of each run.",
    ),
)

DASHBOARD = Dashboard(
    uid="gw-load-tests",
    title="Load tests",
    folder="Applications",
    description="Runs of k6 against the application systems: how hard they were asked, how long answers took, what "
    "failed.",
    tags=("applications", "load"),
    related=("gw-gateway", "gw-service-overview", "gw-capacity-cost"),
    variables=(CLOUD, SYSTEM, RUN),
    rows=(NOW, ENDPOINTS, LATENCY, OUTCOME),
)
