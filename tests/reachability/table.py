"""The table of connections in docs/network-policies.md, made of what the parts of a stack declare.

`python -m tests.reachability.table` writes it.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from components.network import network_policies
from components.network.connections import Address, Connection, Place, Pods, Port
from tests.plans import plan

PAGE = Path("docs/network-policies.md")
BEGIN, END = "<!-- connections -->\n", "<!-- end of connections -->\n"
STACK = "gke-staging"
"""The stack of the table: everything is replicated, and PostgreSQL runs in the cluster."""


def declared(stack: str = STACK) -> list[Connection]:
    """What the parts of a stack declare."""
    found: list[Connection] = []
    derive = network_policies.policies

    def recorded(connections: Sequence[Connection], *args: Any, **more: Any) -> Any:
        found.extend(connections)
        return derive(connections, *args, **more)

    with mock.patch.object(network_policies, "policies", recorded):
        plan(stack)
    return found


def rows(connections: Sequence[Connection]) -> Iterator[str]:
    """The lines of the table: one for each source and purpose."""
    grouped: dict[tuple[str, str], dict[str, list[Port]]] = {}
    for one in connections:
        targets = grouped.setdefault((_shown(one.source), one.why), {})
        targets.setdefault(_shown(one.target), []).extend(one.ports)
    yield "| From | To | For |\n"
    yield "|---|---|---|\n"
    for (source, why), targets in sorted(grouped.items()):
        reached = ", ".join(f"{target}{_ports(ports)}" for target, ports in targets.items())
        yield f"| {source} | {reached} | {why} |\n"


def _shown(end: Pods | Place | Address) -> str:
    match end:
        case Pods():
            return f"`{end.namespace}/{end.name}`"
        case Place():
            return end.value
        case Address():
            return end.block


def _ports(ports: Sequence[Port]) -> str:
    numbers = [f"{port.number}/UDP" if port.protocol == "UDP" else str(port.number) for port in dict.fromkeys(ports)]
    return f" {' '.join(numbers)}" if numbers else ""


def page(text: str, table: str) -> str:
    """The page with this table in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def main() -> int:
    """Writes the table."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page(text, "".join(rows(declared()))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
