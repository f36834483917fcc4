"""Sums what the platform's pods ask of the nodes: `python -m tests.bench.footprint [STACK...]`.

Without workloads, which are the users' own, and with the fewest nodes that the stack has, each of which runs an agent.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.providers import paths
from rehearsal.providers.kubernetes.quantities import amount
from tests.mock_engine import Deployed
from tests.plans import STACKS, plan, settings_of

TABLE = Path(__file__).with_name("pods.json")
RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Equal pods of one release."""

    release: str
    name: str
    count: int
    cpu: float
    """Cores that all of them request."""

    memory: float
    """MiB that all of them request."""


def footprint(stack: str) -> list[Pods]:
    """The pods of a stack's platform. Raises `ValueError` where a container requests nothing, or a chart is unknown."""
    deployed = plan(stack, {"until": "platform"})
    nodes = fewest_nodes(settings_of(stack))
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    found: list[Pods] = []
    for release in deployed.of_type(RELEASE):
        chart = release.inputs["chart"].rpartition("/")[2]
        if chart not in table:
            raise ValueError(f"{TABLE.name} does not say which pods the chart {chart} has")
        values = release.inputs["values"]
        found += [pods for entry in table[chart] if (pods := _pods(release.inputs["name"], entry, values, nodes))]
    return found + _deployments(deployed)


def fewest_nodes(settings: Mapping[str, Any]) -> int:
    """How many nodes a stack starts with."""
    pools = settings.get("cluster", {}).get("node_pools", {})
    return sum(pool.get("min_nodes", 1) for pool in pools.values()) or 1


def is_there(entry: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a release with these values has the pods of an entry of the table."""
    if "on" in entry and not paths.first(values, entry["on"]):
        return False
    if "unless" in entry and paths.first(values, entry["unless"]):
        return False
    return _count(entry["count"], values, nodes=1) > 0


def _pods(release: str, entry: Mapping[str, Any], values: Mapping[str, Any], nodes: int) -> Pods | None:
    count = _count(entry["count"], values, nodes)
    if not is_there(entry, values):
        return None
    requested = (
        [_memcached(paths.first(values, entry["memcached"]))]
        if "memcached" in entry
        else [_requests(f"{release}: {path}", paths.first(values, path)) for path in entry["resources"]]
    )
    return Pods(
        release=release,
        name=entry["pods"],
        count=count,
        cpu=count * sum(cpu for cpu, _ in requested),
        memory=count * sum(memory for _, memory in requested),
    )


def _count(count: int | str, values: Mapping[str, Any], nodes: int) -> int:
    if isinstance(count, int):
        return count
    return nodes if count == "node" else int(paths.first(values, count) or 0)


def _memcached(cache: Mapping[str, Any]) -> tuple[float, float]:
    """Loki's chart asks for a fifth more than the cache may fill."""
    requested = {"cpu": cache["allocatedCPU"], "memory": f"{int(cache['allocatedMemory'] * 1.2)}Mi"}
    return _requests("memcached", {"requests": requested})


def _deployments(deployed: Deployed) -> list[Pods]:
    """Pods that are no chart's."""
    found: list[Pods] = []
    for one in deployed.of_type(DEPLOYMENT):
        spec = one.inputs["spec"]
        containers = spec["template"]["spec"]["containers"]
        requested = [_requests(f"{one.name}: {container['name']}", container["resources"]) for container in containers]
        found.append(
            Pods(
                release=one.name,
                name=one.inputs["metadata"]["name"],
                count=spec["replicas"],
                cpu=spec["replicas"] * sum(cpu for cpu, _ in requested),
                memory=spec["replicas"] * sum(memory for _, memory in requested),
            )
        )
    return found


def _requests(where: str, resources: Mapping[str, Any] | None) -> tuple[float, float]:
    """Cores and MiB."""
    requests = (resources or {}).get("requests", {})
    if not {"cpu", "memory"} <= set(requests):
        raise ValueError(f"{where}: no requests for both cpu and memory")
    cpu, memory = amount(requests["cpu"]), amount(requests["memory"])
    if cpu is None or memory is None:
        raise ValueError(f"{where}: {requests} are no quantities")
    return float(cpu), float(memory) / 2**20


def main(stacks: Sequence[str]) -> int:
    """Prints what each stack's platform asks for, the largest parts first."""
    for stack in stacks or STACKS:
        pods = sorted(footprint(stack), key=lambda one: -one.memory)
        cpu, memory = sum(one.cpu for one in pods), sum(one.memory for one in pods)
        print(f"{stack}: {cpu:.2f} cores, {memory / 1024:.2f} GiB in {sum(one.count for one in pods)} pods")
        for one in pods if stacks else ():
            print(f"  {one.release}/{one.name} x {one.count}: {one.cpu:.2f} cores, {one.memory:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
