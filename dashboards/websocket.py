"""WebSocket Metrics: connections of services, how they begin, how they end, and what passes through them."""

from dashboards.expressions import SHOWN, or_zero, rate, share, share_of_each, total
from dashboards.layout import Dashboard, row
from dashboards.links import to_dashboard
from dashboards.panels import Query, errors_in_logs, rising, stat, table, timeseries
from dashboards.variables import CLOUD, NAMESPACE, Variable

CHOSEN = 'namespace=~"$namespace",service=~"$service"'
PODS = 'namespace=~"$namespace",pod=~"($service)-[a-z0-9]+-[a-z0-9]+",container="app"'
BY_SERVICE = ("namespace", "service")
NAMED = "{{namespace}}/{{service}}"

OPENED, CLOSED = "websocket_connections_opened_total", "websocket_connections_closed_total"
REFUSED, MESSAGES = "websocket_authentication_failures_total", "websocket_messages_total"
DROPPED = f'{CHOSEN},reason=~"abnormal|error"'
DROPS = rising(warning=0.01, critical=0.05)

SERVICE = Variable(
    name="service",
    label="Service",
    description="A service that tells of its WebSocket connections.",
    query='label_values(websocket_connections{namespace=~"$namespace"}, service)',
)

TO_LOGS = to_dashboard("gw-application-logs", "Logs of this service", service="${__field.labels.service}")

NOW = row(
    "Now",
    stat(
        "Open connections",
        Query(expression=total(f"websocket_connections{{{CHOSEN}}}")),
        unit="short",
        description="Clients that are connected. A step down is a drop: of a pod, of the gateway, or of a network.",
    ),
    stat(
        "Opened",
        Query(expression=total(rate(OPENED, f'{CHOSEN},outcome="accepted"'))),
        unit="cps",
        description="Connections that begin, each second. Many while few are open: clients come back again and again.",
    ),
    stat(
        "Drops",
        Query(expression=share(total(rate(CLOSED, DROPPED)), total(rate(CLOSED, CHOSEN)))),
        unit="percentunit",
        description="Share of ended connections that nobody had ended on purpose: gone without a close frame, or by an "
        "error.",
        thresholds=DROPS,
        decimals=2,
    ),
    stat(
        "Failed to open",
        Query(
            expression=share(total(rate(OPENED, f'{CHOSEN},outcome="failed"')), total(rate(OPENED, CHOSEN))),
        ),
        unit="percentunit",
        description="Share of attempts that failed for a reason of the server's. The default objective allows 0.5 %.",
        thresholds=rising(warning=0.005, critical=0.05),
        decimals=2,
    ),
    stat(
        "Authentication failures",
        Query(expression=or_zero(total(rate(REFUSED, CHOSEN)))),
        unit="cps",
        description="Attempts that were rejected for who made them. A burst of invalid tokens is a key that was "
        "changed, or an attack.",
        thresholds=rising(warning=1, critical=10),
    ),
    stat(
        "Messages",
        Query(expression=total(rate(MESSAGES, CHOSEN))),
        unit="mps",
        description="Messages in both directions, each second. None while connections are open: clients wait in vain.",
    ),
)

SERVICES = row(
    "By service",
    table(
        "Services",
        Query(expression=total(f"websocket_connections{{{CHOSEN}}}", *BY_SERVICE), legend="Open", unit="short"),
        Query(expression=total(rate(OPENED, CHOSEN, SHOWN), *BY_SERVICE), legend="Attempts", unit="cps"),
        Query(
            expression=share_of_each(
                total(rate(CLOSED, DROPPED, SHOWN), *BY_SERVICE), total(rate(CLOSED, CHOSEN, SHOWN), *BY_SERVICE)
            ),
            legend="Drops",
            unit="percentunit",
            thresholds=DROPS,
        ),
        Query(
            expression=total(rate(REFUSED, CHOSEN, SHOWN), *BY_SERVICE), legend="Authentication failures", unit="cps"
        ),
        Query(expression=total(rate(MESSAGES, CHOSEN, SHOWN), *BY_SERVICE), legend="Messages", unit="mps"),
        columns={"namespace": "Namespace", "service": "Service"},
        unit="short",
        description="Every service with WebSockets, the one with the most connections now first; rates are of the time "
        "that is shown. Click for one alone.",
        sort_by="Open",
        height=6,
        links=(to_dashboard("gw-websocket", "This service alone", service="${__data.fields.Service}"),),
    ),
)

CONNECTIONS = row(
    "Connections",
    timeseries(
        "Open by service",
        Query(expression=total(f"websocket_connections{{{CHOSEN}}}", *BY_SERVICE), legend=NAMED),
        unit="short",
        description="Connections that are open over time.",
        links=(TO_LOGS,),
    ),
    timeseries(
        "Open by pod",
        Query(expression=total(f"websocket_connections{{{CHOSEN}}}", "namespace", "pod"), legend="{{pod}}"),
        unit="short",
        description="A new pod starts with none: connections stay where they are until they end. Lines far apart after "
        "a rollout even out as clients reconnect.",
    ),
    timeseries(
        "Attempts by outcome",
        Query(expression=total(rate(OPENED, CHOSEN), "outcome"), legend="{{outcome}}"),
        unit="cps",
        description="Rejected: for a reason of the client's, such as a missing token. Failed: for one of the server's.",
        stacked=True,
        links=(to_dashboard("gw-application-logs", "Logs"),),
    ),
    timeseries(
        "Ended by reason",
        Query(expression=total(rate(CLOSED, CHOSEN), "reason"), legend="{{reason}}"),
        unit="cps",
        description="normal and going_away are clients that leave, server_shutdown is a rollout. abnormal is a "
        "connection that was cut: look for timeouts of the gateway or of a load balancer in between.",
        stacked=True,
    ),
    timeseries(
        "Authentication failures by reason",
        Query(expression=total(rate(REFUSED, CHOSEN), "reason"), legend="{{reason}}"),
        unit="cps",
        description="expired_token: clients do not renew theirs. invalid_token: a wrong key or issuer. forbidden: they "
        "are known, and not allowed to.",
        stacked=True,
    ),
    timeseries(
        "Upgrades by the gateway",
        Query(expression=total(rate("kong_http_requests_total", 'code="101"'), "service"), legend="{{service}}"),
        unit="reqps",
        description="Requests that the gateway has turned into connections (101), counted when these end. Attempts "
        "that never show here do not get past it.",
        links=(to_dashboard("gw-gateway", "Gateway", upstream="${__field.labels.service}"),),
    ),
)

LOAD = row(
    "Messages and load",
    timeseries(
        "Messages by direction",
        Query(expression=total(rate(MESSAGES, CHOSEN), "direction"), legend="{{direction}}"),
        unit="mps",
        description="Received and sent, seen from the service. Sent falls behind where a client reads too slowly.",
    ),
    timeseries(
        "Messages of a connection",
        Query(
            expression=share_of_each(
                total(rate(MESSAGES, CHOSEN), *BY_SERVICE),
                total(f"websocket_connections{{{CHOSEN}}}", *BY_SERVICE),
            ),
            legend=NAMED,
        ),
        unit="mps",
        description="How busy a connection is on average. A sudden rise is a client in a loop.",
    ),
    timeseries(
        "Sockets by pod",
        Query(expression=f"sum by (namespace, pod) (container_sockets{{{PODS}}})", legend="{{pod}}"),
        unit="short",
        description="Open sockets of each pod. More than its connections and a few: something does not close them.",
    ),
    timeseries(
        "Memory of its limit",
        Query(
            expression=f"max by (namespace, pod) (container_memory_working_set_bytes{{{PODS}}})"
            f' / max by (namespace, pod) (kube_pod_container_resource_limits{{{PODS},resource="memory"}})',
            legend="{{pod}}",
        ),
        unit="percentunit",
        description="Each connection costs memory: at 100 % the kernel ends the container, and all of its connections.",
        thresholds=rising(warning=0.85, critical=0.95),
        maximum=1,
    ),
)

LOGS = row(
    "Logs",
    errors_in_logs("What the chosen services say of what failed. The details of a line lead to its trace."),
)

DASHBOARD = Dashboard(
    uid="gw-websocket",
    title="WebSocket Metrics",
    folder="Applications",
    description="Connections that are open, how they begin and end, who is turned away, and what passes through them.",
    tags=("applications", "websocket"),
    related=("gw-service-overview", "gw-gateway", "gw-application-logs"),
    variables=(CLOUD, NAMESPACE, SERVICE),
    rows=(NOW, SERVICES, CONNECTIONS, LOAD, LOGS),
)
