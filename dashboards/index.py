"""The index of dashboards in the docs: what each is for, and how it looks."""

from collections.abc import Iterator, Mapping, Sequence

from dashboards.layout import Dashboard

HEAD = """# Dashboards

Each is code in `dashboards/`, one topic a file; `python -m dashboards` writes what is deployed
(`dashboards/rendered/`) and these pages. A test holds all of them to the code, and every query to the metrics and
labels that exporters have (`signals/`). The drawings show where each panel stands, its unit, and what it asks; Grafana
has them at `/grafana/d/<uid>` of the monitoring host, in folders, with links to each other.

At the top of a dashboard one chooses cloud, namespace and service. A stack's own Prometheus knows one cloud: the
choice matters where a long-term store keeps several stacks.

A new dashboard is a module with a `DASHBOARD`, named in `dashboards/catalogue.py`. Every panel says its unit and what
it means; the layout follows from widths alone; the matcher of the chosen cloud is put into each query when it is
rendered. Dashboards are read-only in Grafana: a copy of one is the way to try something.
"""


OF_WORKLOADS = """## Workloads

Templates, of which a workload file names those that it wants:

    dashboards: [services, gateway, circuit-breakers, caches, machine-learning]
    services:
      backend:
        dashboards: [services, gateway, circuit-breakers]

Each is deployed to the namespace of the workload, in a folder of Grafana that has its name, and goes with the workload
or the service that names it. One of a workload shows all of its services, one of a service shows that one alone. Caches
and machine learning show what services have in common, so they are a workload's.
"""


def index(dashboards: Sequence[Dashboard], templates: Mapping[str, Dashboard]) -> str:
    """The page."""
    folders = dict.fromkeys(one.folder for one in dashboards)
    lines = [HEAD]
    for folder in folders:
        lines += [f"## {folder}", ""]
        for one in dashboards:
            if one.folder == folder:
                lines += _entry(one, f"`{one.uid}`")
    lines.append(OF_WORKLOADS)
    for name, one in templates.items():
        lines += _entry(one, f"`{name}`")
    return "\n".join(lines).rstrip() + "\n"


def _entry(dashboard: Dashboard, name: str) -> Iterator[str]:
    panels = len(list(dashboard.panels))
    yield f"### {dashboard.title}"
    yield ""
    yield f"{name}, {panels} panels. {dashboard.description}"
    yield ""
    yield f"![{dashboard.title}]({dashboard.uid}.svg)"
    yield ""
