"""Ready queries of logs, declared once: an object of the cluster, links in Grafana, and a part of docs/logs.md."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import pulumi
import pulumi_kubernetes as kubernetes

from components.namespaces import MONITORING

CONFIG_MAP = "log-queries"


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """One question, in LogQL. `$namespace` and `$service` are regular expressions, `$id` is one id."""

    name: str
    """Of its file in the cluster."""

    title: str
    """As links show it."""

    answers: str
    """What it shows, and when one wants to know."""

    logql: str

    gives: Literal["lines", "numbers"] = "lines"

    @property
    def file(self) -> str:
        """The query, with what it is for before it, in LogQL's own comments."""
        return f"# {self.title}\n# {self.answers}\n{self.logql}\n"

    def filled_in(self, values: Mapping[str, str]) -> str:
        """The query with `values` in place of its variables; all namespaces and services where none is given."""
        known = {"namespace": ".+", "service": ".+", **values}
        return re.sub(r"\$(\w+)", lambda found: known.get(found[1], found[0]), self.logql)


_SERVICES = 'namespace=~"$namespace", app=~"$service"'

LOG_QUERIES = (
    LogQuery(
        name="errors-by-service",
        title="Errors by service",
        answers="How many errors each service logs. The first to begin is where to look first.",
        logql=f'sum by (namespace, app) (count_over_time({{{_SERVICES}, level=~"error|fatal"}}[5m]))',
        gives="numbers",
    ),
    LogQuery(
        name="error-lines",
        title="Lines of errors",
        answers="What the services say of their errors, stack traces included.",
        logql=f'{{{_SERVICES}, level=~"error|fatal"}}',
    ),
    LogQuery(
        name="stack-traces",
        title="Stack traces",
        answers="Errors that nobody caught, or that were logged with where they come from.",
        logql=f'{{{_SERVICES}}} |~ "(?m)^\\\\s+at .+\\\\(|Traceback \\\\(most recent|^\\\\s*goroutine \\\\d+"',
    ),
    LogQuery(
        name="slow-requests",
        title="Slow requests",
        answers="Requests of more than a second, from services that log duration_ms as JSON. Each line has its trace.",
        logql=f'{{{_SERVICES}}} |= "duration_ms" | json | duration_ms > 1000',
    ),
    LogQuery(
        name="slowest-paths",
        title="Slowest paths",
        answers="The ten paths whose slowest twentieth takes longest, in milliseconds, by what services log.",
        logql="topk(10, quantile_over_time(0.95, "
        f'{{{_SERVICES}}} |= "duration_ms" | json path, duration_ms | unwrap duration_ms | __error__="" [5m]) '
        "by (namespace, app, path))",
        gives="numbers",
    ),
    LogQuery(
        name="one-request",
        title="One request",
        answers="All that every service logged of one request, by its request id.",
        logql='{namespace=~"$namespace"} | request_id="$id"',
    ),
    LogQuery(
        name="one-trace",
        title="One trace",
        answers="All that every service logged within one trace, by its trace id.",
        logql='{namespace=~"$namespace"} | trace_id="$id"',
    ),
    LogQuery(
        name="audit-events",
        title="Audit events",
        answers="Who did what to what. Never sampled and never dropped before it reaches Loki.",
        logql=f'{{{_SERVICES}}} | log_type="audit"',
    ),
    LogQuery(
        name="audit-events-by-action",
        title="Audit events by action",
        answers="What is done how often, by service: a rise in deletions or in failures stands out.",
        logql=f'sum by (app, action, outcome) (count_over_time({{{_SERVICES}}} | log_type="audit" '
        "| json action, outcome [1h]))",
        gives="numbers",
    ),
    LogQuery(
        name="refused-logins",
        title="Refused logins",
        answers="Attempts that were refused for who asked, rather than for what.",
        logql=f'{{{_SERVICES}}} |~ "(?i)unauthorized|authentication failed|invalid (?:token|login)|access denied"',
    ),
    LogQuery(
        name="gateway-errors",
        title="Errors of the gateway",
        answers="Requests that the gateway answered with 5xx, and what it says of its upstreams.",
        logql='{namespace="gateway", level=~"error|fatal"}',
    ),
    LogQuery(
        name="sidecar-errors",
        title="Errors of Dapr sidecars",
        answers="What keeps a sidecar from its components, its certificate or other services.",
        logql='{namespace=~"$namespace", container="daprd", level=~"error|fatal"}',
    ),
    LogQuery(
        name="kubernetes-warnings",
        title="Kubernetes warnings",
        answers="What the cluster warns of: pods that do not start, probes that fail, volumes that do not mount.",
        logql='{namespace=~"$namespace", app="kubernetes-events", level="warn"} | json '
        '| line_format "{{.reason}} {{.kind}} {{.name}}: {{.msg}}"',
    ),
    LogQuery(
        name="kubernetes-reasons",
        title="Kubernetes warnings by reason",
        answers="Which warnings there are most of, by namespace.",
        logql="topk(10, sum by (namespace, reason) "
        '(count_over_time({namespace=~"$namespace", app="kubernetes-events", level="warn"}[1h])))',
        gives="numbers",
    ),
    LogQuery(
        name="kubernetes-evictions",
        title="Killed, evicted, not scheduled",
        answers="Pods that lost their place or found none: out of memory, under pressure, or for want of a node.",
        logql='{namespace=~"$namespace", app="kubernetes-events"} '
        '| reason=~"OOMKilling|Evicted|Preempted|FailedScheduling|NodeNotReady|BackOff"',
    ),
    LogQuery(
        name="volume-by-service",
        title="Volume by service",
        answers="The ten services that write most, in bytes of an hour: what logs cost.",
        logql='topk(10, sum by (namespace, app) (bytes_over_time({namespace=~"$namespace"}[1h])))',
        gives="numbers",
    ),
)


@dataclass(frozen=True, kw_only=True)
class LogQueriesArgs:
    namespace: pulumi.Resource
    """The namespace that Grafana runs in: `monitoring`."""


class LogQueries(pulumi.ComponentResource):
    """The ready queries as an object of the cluster: `kubectl -n monitoring get configmap log-queries -o yaml`."""

    def __init__(self, name: str, args: LogQueriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:LogQueries", name, {}, opts)
        kubernetes.core.v1.ConfigMap(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=CONFIG_MAP, namespace=MONITORING),
            data={f"{query.name}.logql": query.file for query in LOG_QUERIES},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.namespace]),
        )
        self.register_outputs({})


def explore_links(values: Mapping[str, str], *, span: tuple[str, str] = ("now-1h", "now")) -> Mapping[str, str]:
    """Addresses in Grafana, by title, that ask each query with these values of its variables.

    Only queries whose variables all have a value: that of an id has none by itself. An address begins with `/explore`,
    behind whatever path Grafana is served at. `${...}` stays as it is: in a link of a dashboard, Grafana fills it in.
    https://grafana.com/docs/grafana/latest/explore/get-started-with-explore/#generate-explore-urls-from-external-tools
    """
    asked = {query.title: query.filled_in(values) for query in LOG_QUERIES}
    unknown = {query.title for query in LOG_QUERIES if "$id" in query.logql and "id" not in values}
    return {title: _explore(logql, span) for title, logql in asked.items() if title not in unknown}


def _explore(logql: str, span: tuple[str, str]) -> str:
    source = {"type": "loki", "uid": "loki"}
    pane: dict[str, Any] = {
        "datasource": source["uid"],
        "queries": [{"refId": "A", "datasource": source, "expr": logql}],
        "range": {"from": span[0], "to": span[1]},
    }
    state = json.dumps({"logs": pane}, separators=(",", ":"))
    parts = re.split(r"(\$\{[^}]*\})", state)
    encoded = "".join(part if part.startswith("${") else quote(part, safe="") for part in parts)
    return f"/explore?schemaVersion=1&orgId=1&panes={encoded}"
