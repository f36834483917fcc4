"""Workload files that are right: what the guides say that one may write, in combinations that nobody has thought of."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.unit.components.services import valid_data, valid_gateway, valid_pods
from tests.unit.components.services.valid_values import (
    BOOLEANS,
    IMAGES,
    MEMORIES,
    PATHS,
    RESOURCES,
    SECRETS,
    TEAMS,
    TEXTS,
    VARIABLES,
    WORD,
    few,
    one_of,
    part,
    share,
    some,
    sparse,
    whole,
)

WORKLOAD = "shop"
"""What the generated file is called."""

BESIDE: Mapping[str, Any] = {
    "services": {"users": {"image": {"tag": "1"}, "ports": {"http": 8080}, "dapr": {"port": "http"}}}
}
"""The file of a workload `identity` beside it, whose service `users` is called."""

SERVICES = ("orders", "on", "null", "y", "web-2", "s" * 40)
BOUNDS = (5, 10, 25, 50, 100, 250, 500, 750, 1000, 1500, 2500, 5000, 10000)


@st.composite
def slos(draw: st.DrawFn, *, answers: bool, measured: bool, published: bool) -> dict[str, Any]:
    """Promises that something measures. 99 of 100 requests may take longer than 95."""
    percent = share(95, 99.99) | BOOLEANS
    quick, slow = sorted(draw(st.lists(one_of(*BOUNDS), min_size=2, max_size=2)))
    floors = {
        **({"requests_per_second": share(0, 1000)} if answers else {}),
        **({"events_per_second": share(0, 1000)} if published else {}),
    }
    hours = part({"since": whole(0, 23)}, days=some(("monday", "friday", "sunday"), 1)) | part(until=whole(1, 24))
    floor = part(
        {name: floors[name] for name in draw(some(sorted(floors), 1))} if floors else {},
        hours=hours,
        idle_counts=BOOLEANS,
    )
    promises: dict[str, st.SearchStrategy[Any]] = {"event_durability": percent}
    if floors:
        promises["throughput"] = floor
    if measured:
        promises |= {"websocket_availability": percent, "audit_durability": percent}
    if answers:
        promises["availability"] = percent
    latencies = {"latency_p95_ms": quick, "latency_p99_ms": slow} if answers and draw(BOOLEANS) else {}
    return {**latencies, **draw(part(**promises))}


@st.composite
def _service(draw: st.DrawFn, name: str, whole_file: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """One service, which calls some of those that come later: so nobody calls in a circle."""
    ports: dict[str, Any] = draw(valid_pods.ports())
    spoken = valid_pods.protocols(ports)
    secrets = draw(few(one_of("TOKEN", "N", "API_KEY"), SECRETS)) if draw(BOOLEANS) else {}
    env = draw(few(VARIABLES, TEXTS))
    uses = draw(some(sorted(whole_file["data"]), most=3)) if whole_file["data"] else []
    known = [one for one in later if later[one].get("ports")]
    called = draw(some([*known, "identity/users"], most=2))
    hosts = draw(some(("api.acme.example", "db.acme.example:5432", "192.0.2.7:25"), most=2))
    kinds = {whole_file["data"][one]["kind"] for one in uses}
    components, sidecar = whole_file["components"], draw(BOOLEANS)
    service: dict[str, Any] = {"image": draw(IMAGES), "ports": ports, "env": env, "secrets": secrets, "data": uses}
    service["calls"] = [*called, *hosts]
    if sidecar:
        service["dapr"] = draw(valid_data.dapr(sorted(ports), components, called, whole_file["topics"]))
    if ports and draw(BOOLEANS):
        paths = draw(st.permutations([f"/{name}/{one}" for one in ("a", "b", "c")]))[: draw(whole(1, 2))]
        gateway = whole_file["gateway"]
        one = (gateway.get("plugins", {}), gateway.get("consumers", {}))
        service["routes"] = [
            draw(valid_gateway.route(f"r{number}", path, spoken, *one)) for number, path in enumerate(paths)
        ]
        if not sidecar and draw(BOOLEANS):
            service["canary"] = draw(valid_gateway.canary(list(VARIABLE_NAMES)))
    if "pubsub" in components:
        kinds.add(components["pubsub"].get("kind", "kafka"))
    service |= draw(_pods(bool(ports), kinds, "canary" in service))
    measured = draw(part({"port": one_of(*sorted(ports))}, path=PATHS)) if ports and draw(BOOLEANS) else None
    optional = {
        "command": st.lists(WORD, max_size=3),
        "args": st.lists(WORD, max_size=3),
        "probes": valid_pods.probes(spoken),
        "slos": slos(answers=bool(ports), measured=measured is not None, published=sidecar),
        "dashboards": some(("circuit-breakers", "gateway", "services")),
        "instrumentation": one_of("python", "nodejs", "dotnet", "java"),
        "upstream": valid_gateway.upstream(),
        "spread": valid_pods.SPREAD,
        "init": valid_pods.init(VARIABLE_NAMES),
        "migrations": valid_pods.migrations(VARIABLE_NAMES),
        "owners": valid_pods.OWNERS,
        "cloud_identity": BOOLEANS,
    }
    if len(name) < 40:
        optional["jobs"] = valid_pods.jobs(VARIABLE_NAMES)
    if ports:
        bound = one_of(*BOUNDS)
        wait = {"for": one_of("5m", "1h")}
        optional["alerts"] = part({"error_percent": share(0, 100)}, latency_p95_ms=bound) | part(
            {"latency_p95_ms": bound, **wait}
        )
    service |= draw(sparse(optional, 6))
    if "?" in service.get("probes", {}).get("readiness", {}).get("path", ""):
        service["upstream"] = {**service.get("upstream", {}), "health_checks": False}
    return {**service, **({"metrics": measured} if measured else {})}


VARIABLE_NAMES = ("A", "NO", "LOG_FORMAT", "X9")
"""Variables that no secret is in."""


@st.composite
def _pods(draw: st.DrawFn, answers: bool, kinds: Collection[str], canary: bool) -> dict[str, Any]:
    """How many pods there are, what each takes, and what they write to."""
    memory = draw(MEMORIES)
    spec: dict[str, Any] = {"resources": {**draw(RESOURCES), "memory": memory}}
    drain = draw(whole(0, 3599))
    if draw(BOOLEANS):
        spec |= {"drain_seconds": drain, "grace_seconds": draw(whole(drain + 1, 3600))}
    fewest = most = 2
    if draw(BOOLEANS):
        spec["autoscaling"] = draw(valid_pods.autoscaling(answers=answers, kinds=kinds))
        fewest, most = spec["autoscaling"].get("min", 2), spec["autoscaling"]["max"]
    elif draw(BOOLEANS):
        fewest = most = spec["replicas"] = draw(whole(0, 1000) | one_of(0, 1))
    mebibytes = {"65536Ki": 64, "64Mi": 64, "128Mi": 128, "1Gi": 1024, "3Gi": 3072}[memory]
    return {
        **spec,
        **draw(part(disruption=valid_pods.disruption(fewest))),
        **draw(part(volumes=valid_pods.volumes(claims=most <= 1 and not canary, memory_mib=mebibytes))),
    }


@st.composite
def valid(draw: st.DrawFn) -> dict[str, Any]:
    """A file that is right."""
    components: dict[str, Any] = draw(valid_data.components())
    data: dict[str, Any] = draw(valid_data.data())
    known: dict[str, Any] = draw(valid_gateway.consumers())
    common: dict[str, Any] = draw(sparse(valid_gateway.PLUGINS, 2))
    names: Sequence[str] = draw(some(SERVICES, 1, 3))
    if (
        data
        and "kafka" in {one["kind"] for one in data.values()}
        and components.get("pubsub", {}).get("kind") != "kafka"
    ):
        components.pop("pubsub", None)
    topics = components.get("pubsub", {}).get("external", [])
    whole_file = {
        "data": data,
        "components": components,
        "topics": topics,
        "gateway": {"plugins": common, "consumers": known},
    }
    services: dict[str, Any] = {}
    for name in names:
        services[name] = draw(_service(name, whole_file, services))
    _without_idle_consumers(known, common, services)
    file = {
        "services": dict(reversed(services.items())),
        "components": components,
        "gateway": {"plugins": common, "consumers": known},
        "data": data,
    }
    for name, one in data.items():
        users = [service for service, spec in services.items() if name in spec["data"]]
        if one["kind"] == "bucket" and users:
            one |= draw(part(readers=some(users, 1)))
        if one["kind"] == "queue" and users:
            roles = dict(zip(draw(st.permutations(["senders", "receivers"])), users, strict=False))
            one |= {role: [user] for role, user in roles.items()}
    days = whole(1, 400)
    more = part(
        team=TEAMS,
        retention=part(metrics_days=days, logs_days=days, traces_days=whole(1, 90)),
        quota=part(
            cpu=whole(1, 10_000), memory_gib=whole(1, 100_000), pods=whole(1, 10_000), storage_gib=whole(1, 1_000_000)
        ),
        dashboards=some(("caches", "circuit-breakers", "gateway", "machine-learning", "services")),
    )
    return {**file, **draw(more)}


def _without_idle_consumers(known: dict[str, Any], common: Mapping[str, Any], services: Mapping[str, Any]) -> None:
    """Takes out what no route asks for: nobody is to believe that it lets somebody in."""
    asked = {
        plugin for one in services.values() for route in one.get("routes", ()) for plugin in route.get("plugins", {})
    }
    routes = [route for one in services.values() for route in one.get("routes", ())]
    for name, one in list(known.items()):
        for proof, plugin in valid_gateway.PROOFS.items():
            if plugin not in asked:
                one.pop(proof, None)
        if not valid_gateway.PROOFS.keys() & one.keys():
            del known[name]
    there = valid_gateway.groups(known)
    for route in routes:
        if "consumers" in route:
            route["consumers"] = [one for one in route["consumers"] if one in known]
        if acl := route.get("plugins", {}).get("acl"):
            for key in ("allow", "deny"):
                if key in acl:
                    acl[key] = [group for group in acl[key] if group in there]
            denied = set(acl.get("deny", ()))
            nobody = bool(denied) and all(denied & set(one.get("groups", ())) for one in known.values())
            if nobody or not (denied or acl.get("allow")):
                del route["plugins"]["acl"]
