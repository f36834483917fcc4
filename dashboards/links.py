"""Links: to other dashboards, and to traces and logs of what a value stands for."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a click leads. Grafana puts the path that it is served under before the address."""

    title: str
    url: str


def to_dashboard(uid: str, title: str, **variables: str) -> Link:
    """To another dashboard, in the same span of time, with variables set, as in `service="${__field.labels.app}"`."""
    chosen = "".join(f"&var-{name}={value}" for name, value in variables.items())
    return Link(title=title, url=f"/d/{uid}?${{__url_time_range}}{chosen}")


def to_traces(service: str = "${__field.labels.service_name}", title: str = "Traces of this service") -> Link:
    """To the traces of a service in Jaeger."""
    return Link(title=title, url=_explore("jaeger", {"queryType": "search", "service": service}))


def to_logs(
    namespace: str = "${__field.labels.namespace}", app: str = ".+", title: str = "Logs of this namespace"
) -> Link:
    """To the logs of a namespace in Loki; `app` is a regular expression, `.+` all of it."""
    return Link(title=title, url=_explore("loki", {"expr": f'{{namespace="{namespace}",app=~"{app}"}}'}))


def _explore(source: str, query: Mapping[str, str]) -> str:
    """Explore with one query; the address holds its state as JSON, in which Grafana still replaces `${...}`."""
    pane: dict[str, Any] = {
        "datasource": source,
        "queries": [{"refId": "A", "datasource": {"type": source, "uid": source}, **query}],
        "range": {"from": "${__from}", "to": "${__to}"},
    }
    state = json.dumps({"a": pane}, separators=(",", ":"))
    pieces, end = list[str](), 0
    for found in _VARIABLE.finditer(state):
        pieces += [quote(state[end : found.start()], safe=""), found.group()]
        end = found.end()
    return f"/explore?schemaVersion=1&panes={''.join(pieces)}{quote(state[end:], safe='')}"
