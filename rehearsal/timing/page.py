"""The report as one HTML page that needs nothing else: no network, no script, no font."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rehearsal.timing import imposed_waits
from rehearsal.timing.costs import ComponentCost, EdgeCost
from rehearsal.timing.durations import spoken
from rehearsal.timing.graph import drawing
from rehearsal.timing.imposed_waits import Kind, Link
from rehearsal.timing.markup import cell, heading, linked, number, resource, scrolled, table
from rehearsal.timing.plan import Step
from rehearsal.timing.simulation import Schedule, Timed
from rehearsal.timing.timeline import timeline

BUDGET = 1.05
"""How much longer an `up` may take than the longest chain of waits that the clouds impose."""

_STYLE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load: nothing; the styles stand in the page."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known of one `up`."""

    stack: str
    steps: Sequence[Step]
    schedule: Schedule
    by_cores: Mapping[int, float]
    """How long it takes on machines of so many cores, which decide how many operations the engine has at once."""

    imposed: Sequence[Link]
    """The longest chain of waits that the clouds impose."""

    sources: Mapping[tuple[Kind, Kind], str]
    """Where it is written that a cloud makes one kind wait for another."""

    edges: Sequence[EdgeCost]
    components: Sequence[ComponentCost]

    @property
    def ratio(self) -> float:
        """The simulated time in terms of the imposed one."""
        return self.schedule.makespan / (imposed_waits.seconds(self.imposed) or 1)

    @property
    def summary(self) -> str:
        """The result in one sentence."""
        return (
            f"{self.stack}: {spoken(self.schedule.makespan)} with {self.schedule.parallel} operations at once; the "
            f"clouds impose {spoken(imposed_waits.seconds(self.imposed))} (ratio {self.ratio:.2f}, budget {BUDGET})"
        )


def render(report: Report) -> str:
    """The page."""
    sections = [
        _head(report),
        _path(report),
        timeline(report.schedule),
        _edges(report),
        _components(report),
        _imposed(report),
        _graph(report),
        _HOW,
    ]
    head = [
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Time of an up: {escape(report.stack)}</title>",
        f"<style>\n{_STYLE.read_text()}</style>",
    ]
    lines = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", "<main>"]
    return "\n".join([*lines, *sections, "</main>", "</body>", "</html>", ""])


def _head(report: Report) -> str:
    verdict = "kept" if report.ratio <= BUDGET else '<span class="critical">exceeded</span>'
    totals = [
        ("The up takes", spoken(report.schedule.makespan)),
        ("The clouds impose", spoken(imposed_waits.seconds(report.imposed))),
        (f"Ratio, at most {BUDGET}", f"{report.ratio:.3f}, {verdict}"),
        ("One after the other", spoken(sum(step.seconds for step in report.steps))),
        ("Resources", str(len(report.steps))),
        ("Operations at once, at most", str(report.schedule.parallel)),
        *((f"By default on {cores} cores", spoken(seconds)) for cores, seconds in report.by_cores.items()),
    ]
    cells = "\n".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in totals)
    return (
        f"<h1>Time of an <code>up</code>: {escape(report.stack)}</h1>\n"
        "<p>A first <code>up</code> in simulated time, each operation as slow as the clouds typically are. What is on "
        'the <span class="critical">◆ critical path</span>, the end waited for.</p>\n'
        f'<dl class="totals">\n{cells}\n</dl>'
    )


def _path(report: Report) -> str:
    costs = {(cost.step.urn, cost.wait.urn): cost for cost in report.edges}
    rows: list[list[str]] = []
    for one in report.schedule.critical_path():
        cost = costs.get((one.step.urn, one.after or ""))
        rows.append(
            [
                resource(one.step),
                number(spoken(one.start)),
                number(spoken(one.step.seconds)),
                cell(_cause(report, one)),
                number(spoken(cost.saved) if cost else ""),
                cell(_necessity(report, cost) if cost else ""),
            ]
        )
    return table(
        "Critical path",
        "Each row starts when the one before it ends.",
        ["Resource", "-Starts after", "-Takes", "Waits for", "-Without that wait, earlier by", "Imposed by the cloud"],
        rows,
    )


def _cause(report: Report, one: Timed) -> str:
    if one.cause is None or one.after is None:
        return "nothing"
    name = escape(report.schedule.timed[one.after].step.name)
    if one.cause == "slot":
        return f"a free operation, which {name} had before"
    if one.cause == "queue":
        return f"its turn behind {name}: the cloud does one at a time"
    return f"{name} ({escape(one.step.waits[one.after])})"


def _necessity(report: Report, cost: EdgeCost) -> str:
    source = report.sources.get((kind_of(cost.step), kind_of(cost.wait)))
    return f"yes: {linked(source)}" if source else "not by itself"


def kind_of(step: Step) -> Kind:
    """What the clouds know of a step."""
    return Kind(step.type, step.variant)


def durations_of(steps: Sequence[Step]) -> dict[Kind, float]:
    """How long each kind takes: as long as the quickest of them, where they differ."""
    found: dict[Kind, float] = {}
    for step in steps:
        found[kind_of(step)] = min(step.seconds, found.get(kind_of(step), step.seconds))
    return found


def _edges(report: Report) -> str:
    rows = [
        [
            resource(cost.step, cost.critical),
            cell(escape(cost.wait.name)),
            cell(escape(cost.reason)),
            number(_minutes(cost.saved)),
            cell(_necessity(report, cost)),
        ]
        for cost in report.edges
    ]
    return table(
        "What each wait costs",
        "How much earlier the up would end without that one wait. It is nothing where another wait lasts as long.",
        ["Resource", "Waits for", "Declared by", "-Minutes", "Imposed by the cloud"],
        rows,
    )


def _components(report: Report) -> str:
    rows = [
        [
            heading(escape(cost.component)),
            cell(escape(cost.wait)),
            number(str(cost.edges)),
            number(_minutes(cost.saved)),
        ]
        for cost in report.components
    ]
    return table(
        "What waits between components cost",
        "How much earlier the up would end if nothing in the one waited for anything in the other.",
        ["Component", "Waits for", "-Waits", "-Minutes"],
        rows,
    )


def _imposed(report: Report) -> str:
    rows = [
        [
            heading(escape(str(link.kind))),
            number(spoken(link.seconds)),
            cell(linked(link.source) if link.source else "waits for nothing"),
        ]
        for link in report.imposed
    ]
    return table(
        "The longest chain that the clouds impose",
        "Computed from the kinds of resources and the clouds' own rules, without the program's dependencies.",
        ["Kind", "-Takes", "Why after the one before"],
        rows,
    )


def _graph(report: Report) -> str:
    return (
        "<h2>Resource graph</h2>\n<p>Each resource stands to the right of all that it waits for. Waits that follow "
        "from others are left out; components and providers only pass waits on. ◆ and thick lines: the critical "
        f"path.</p>\n{scrolled('Resource graph', drawing(report.steps, report.schedule))}"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


_HOW = """<h2>How this was found</h2>
<p>The stack was rehearsed with the real engine and without waiting. From the state that it left come the resources
and what each waits for: <code>depends_on</code>, inputs, parents and providers. A simulation then starts each as the
engine does: when nothing is left to wait for, and fewer operations run than <code>--parallel</code> allows. It takes
the typical time of its kind (<code>rehearsal/providers/durations.json</code>: mostly estimates, with their source).
What a cloud does one at a time stands in a queue. The time that program, engine and retries take is not in it.</p>"""
