"""Parts of a service that say what runs in its pods and how many there are, as docs/services.md has them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.unit.components.services.valid_values import (
    IMAGES,
    PATHS,
    RESOURCES,
    SCHEDULES,
    SECRETS,
    TEAMS,
    TEXTS,
    TIME_ZONES,
    WORD,
    few,
    one_of,
    part,
    share,
    some,
    whole,
)

PORTS: Mapping[str, str] = {
    "http": "http",
    "on": "http",
    "admin-2": "http",
    "grpc": "grpc",
    "grpc-internal": "grpc",
    "ws": "websocket",
    "websocket": "websocket",
    "abcdefghijklmno": "http",
}
"""Names of ports, and what is spoken there if nothing else is said."""

TASK_NAMES = ("report", "no", "warm-up", "x" * 11, "on")
MOUNTS = ("/data", "/var/cache", "/srv/a.b", "/etc/orders", "/opt/x-1/y_2", "/on", "/1")
FILES = one_of("app.toml", "no", ".hidden", "a" * 100, "1", "UPPER_case-1.json")


@st.composite
def ports(draw: st.DrawFn) -> dict[str, Any]:
    """Ports by name, as numbers or as both; their numbers differ."""
    names = draw(some(list(PORTS), most=4))
    numbers = draw(st.lists(whole(1, 65535), min_size=len(names), max_size=len(names), unique=True))
    return {name: draw(_port(number)) for name, number in zip(names, numbers, strict=True)}


def _port(number: int) -> st.SearchStrategy[Any]:
    said = part({"number": st.just(number)}, protocol=one_of("http", "grpc", "websocket", "tcp"))
    return st.just(number) | said


def protocols(given: Mapping[str, Any]) -> dict[str, str]:
    """What is spoken at each port."""
    return {
        name: one.get("protocol", "http") if isinstance(one, dict) and "protocol" in one else PORTS[name]
        for name, one in given.items()
    }


def probes(spoken: Mapping[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Questions of the kubelet at ports that speak HTTP or gRPC."""
    asked = [_probe(name, protocol) for name, protocol in spoken.items() if protocol != "tcp"]
    return (
        part(startup=st.one_of(asked), liveness=st.one_of(asked), readiness=st.one_of(asked)) if asked else st.just({})
    )


def _probe(port: str, protocol: str) -> st.SearchStrategy[dict[str, Any]]:
    times = {"period_seconds": whole(1, 3600), "timeout_seconds": whole(1, 3600), "failures": whole(1, 1000)}
    if protocol == "grpc":
        return part({"port": st.just(port)}, service=one_of("orders.v1.Orders", "live", "a/b"), **times)
    return part({"port": st.just(port), "path": PATHS}, **times)


def task(env: Sequence[str], **more: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """What every task may say; its variables are none of those that come from the vault."""
    names = one_of(*env) if env else st.nothing()
    return {
        "image": IMAGES,
        "command": st.lists(WORD, max_size=2),
        "args": st.lists(WORD, max_size=2),
        "env": few(names, TEXTS) if env else st.just({}),
        "resources": RESOURCES,
        **more,
    }


@st.composite
def init(draw: st.DrawFn, env: Sequence[str]) -> list[dict[str, Any]]:
    """Containers before the service, each by a name of its own."""
    return [{"name": name, **draw(part(**task(env)))} for name in draw(some(TASK_NAMES, most=2))]


@st.composite
def jobs(draw: st.DrawFn, env: Sequence[str]) -> dict[str, Any]:
    """Work by the clock."""
    one = part(
        {"schedule": SCHEDULES},
        timezone=TIME_ZONES,
        concurrency=one_of("forbid", "allow", "replace"),
        deadline_seconds=whole(1, 7 * 86400),
        starting_deadline_seconds=whole(10, 86400),
        retries=whole(0, 10),
        keep_succeeded=whole(0, 20),
        keep_failed=whole(0, 20),
        **task(env),
    )
    return {name: draw(one) for name in draw(some(TASK_NAMES, most=2))}


def migrations(env: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Work before a release."""
    return part(**task(env, deadline_seconds=whole(1, 3600), retries=whole(0, 10)))


@st.composite
def volumes(draw: st.DrawFn, *, claims: bool, memory_mib: int) -> dict[str, Any]:
    """Volumes at paths of their own. A claim is for one pod; what is in memory is less than that of the service."""
    kinds = ["scratch", "memory", "files", "secrets", *(["claim"] * 4 if claims else [])]
    found: dict[str, Any] = {}
    names = draw(some(("data", "on", "cache2", "n" * 20, "keys"), most=3))
    for name, path in zip(names, draw(st.permutations(MOUNTS)), strict=False):
        kind = draw(one_of(*kinds))
        content = {
            "scratch": part(size_mib=whole(1, 1_048_576), memory=st.just(False)),
            "memory": part({"size_mib": whole(1, memory_mib - 1), "memory": st.just(True)}),
            "files": part({"files": few(FILES, TEXTS, 1)}),
            "secrets": part({"files": few(FILES, SECRETS, 1)}),
            "claim": part({"size_gib": whole(1, 16_384)}),
        }[kind]
        found[name] = {"kind": "scratch" if kind == "memory" else kind, "path": path, **draw(content)}
    return found


@st.composite
def autoscaling(draw: st.DrawFn, *, answers: bool, kinds: Collection[str]) -> dict[str, Any]:
    """Pods by what there is to do, of that which can be measured."""
    most = draw(whole(2, 1000))
    lag = part({"topic": one_of("orders", "A.b_c-1"), "lag": whole(1, 10**9)}, group=one_of("g", "a/b"))
    length = part({"queue": one_of("work", "a.b:c"), "length": whole(1, 10**9)})
    hours = part(
        {"start": SCHEDULES, "end": SCHEDULES, "replicas": whole(1, most)},
        timezone=TIME_ZONES,
    )
    measures = {
        "cpu_percent": whole(1, 1000),
        "memory_percent": whole(1, 100),
        "cron": st.lists(hours, min_size=1, max_size=2),
        **({"requests_per_second": share(0, 1000) | whole(1, 1_000_000)} if answers else {}),
        **({"kafka": lag} if "kafka" in kinds else {}),
        **({"rabbitmq": length} if "rabbitmq" in kinds else {}),
    }
    chosen = draw(st.lists(one_of(*sorted(measures)), min_size=1, max_size=3, unique=True))
    bounds = draw(part({"max": st.just(most)}, min=whole(1, most)))
    return {**bounds, **{key: draw(measures[key]) for key in chosen}}


def disruption(pods: int) -> st.SearchStrategy[dict[str, Any]]:
    """How many pods may be missing, of so many: some node can be drained."""
    stays = whole(1, pods - 1) if pods > 1 else whole(1, 3)
    return part(min_available=stays) | part(max_unavailable=whole(1, 1000))


WISHES = one_of("preferred", "required")
SPREAD = part(zones=WISHES, nodes=WISHES, anti_affinity=one_of("none", "preferred", "required"))
OWNERS = part(
    team=TEAMS, contacts=st.lists(one_of("payments@acme.example", "#payments", "https://a.example/?q='\"x"), max_size=2)
)
