"""The page docs/parity.md, made of the table of capabilities."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.parity.capabilities import CLOUDS, Capability, Waiver, capabilities

PAGE = Path("docs/parity.md")

_HEAD = """# Parity

What each cloud delivers. `yes` stands where a test of that name finds the resources in the plan of the cloud's stack
(`tests/parity/`; for what workloads ask of the cloud, with a workload that asks); a number is a waiver below: what
stands in the way, who says so, and when to look again. This page is made by `make parity`; a test compares it with the
table that it is made of.
"""


def render() -> str:
    """The page."""
    table = capabilities()
    numbers: dict[tuple[str, str], int] = {}
    for capability in table:
        for cloud, cell in capability.cells.items():
            if isinstance(cell, Waiver):
                numbers[capability.name, cloud] = len(numbers) + 1
    areas = list(dict.fromkeys(capability.area for capability in table))
    rows = [line for area in areas for line in _area(area, [one for one in table if one.area == area], numbers)]
    return "\n".join([_HEAD, *rows, "## Waivers", "", *_waivers(table, numbers), ""])


def _area(area: str, rows: Sequence[Capability], numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    yield from (f"## {area}", "", f"| | {' | '.join(CLOUDS)} |", "|---" * (len(CLOUDS) + 1) + "|")
    for row in rows:
        cells = [
            f"[{numbers[row.name, cloud]}](#waivers)" if (row.name, cloud) in numbers else "yes" for cloud in CLOUDS
        ]
        yield f"| {row.name} | {' | '.join(cells)} |"
    yield ""


def _waivers(table: Sequence[Capability], numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    for row in table:
        for cloud, cell in row.cells.items():
            if isinstance(cell, Waiver):
                yield (
                    f"{numbers[row.name, cloud]}. **{row.name}, {cloud}**: {cell.limit} "
                    f"([source]({cell.source}); look again on {cell.look_again})"
                )
