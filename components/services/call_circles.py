"""Services that call each other in a circle: a call would wait for itself, and no order of upgrades would be right."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from components.services.calls import ServiceCall, parse_call


class _Service(Protocol):
    @property
    def calls(self) -> Sequence[str]: ...


class _Workload(Protocol):
    @property
    def services(self) -> Mapping[str, _Service]: ...


def circle_inside(services: Mapping[str, _Service]) -> str | None:
    """What is wrong with the calls of one workload's services among themselves."""
    graph = {
        caller: [
            call.service
            for text in spec.calls
            if isinstance(call := parse_call(text), ServiceCall) and call.workload is None and call.service != caller
        ]
        for caller, spec in services.items()
    }
    return _problem(graph)


def circle_across(workloads: Mapping[str, _Workload]) -> str | None:
    """What is wrong with the calls of all services of a stack, those circles aside that one workload has by itself."""
    if any(circle_inside(workload.services) for workload in workloads.values()):
        return None
    graph = {
        f"{name}/{caller}": [
            f"{call.workload or name}/{call.service}"
            for text in spec.calls
            if isinstance(call := parse_call(text), ServiceCall)
        ]
        for name, workload in workloads.items()
        for caller, spec in workload.services.items()
    }
    return _problem(graph)


def _problem(graph: Mapping[str, Sequence[str]]) -> str | None:
    circle = find_circle(graph)
    return f"{' -> '.join(circle)} calls in a circle" if circle else None


def find_circle(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """The first circle, its first node once more at its end; empty where there is none. Nodes without calls of their
    own need no entry.
    """
    done: set[str] = set()
    for start in graph:
        path: list[str] = []
        branches = [iter([start])]
        while branches:
            node = next(branches[-1], None)
            if node is None:
                branches.pop()
                if path:
                    done.add(path.pop())
            elif node in path:
                return [*path[path.index(node) :], node]
            elif node not in done:
                path.append(node)
                branches.append(iter(graph.get(node, ())))
    return []
