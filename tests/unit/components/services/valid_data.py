"""Parts of a workload file about data services and Dapr, as docs/data-services.md and docs/dapr.md have them."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.unit.components.services.valid_values import (
    BOOLEANS,
    PATHS,
    RESOURCES,
    SCHEDULES,
    few,
    one_of,
    part,
    some,
    whole,
)

GIB = whole(1, 16384)
TOPICS = ("tasks", "no", "a.b-1", "orders")
DURATIONS = one_of("500ms", "10s", "1m30s", "1h", "0.5s", "1.5m")


@st.composite
def _valkey(draw: st.DrawFn) -> dict[str, Any]:
    """A store of keys; on disk there is room for the log twice."""
    memory = draw(whole(16, 65536))
    evicts = one_of("noeviction", "allkeys-lru", "volatile-lru", "allkeys-random", "volatile-ttl")
    kept = part({"append_only": st.just(True)}, storage_gib=whole(-(-2 * memory // 1024), 16384))
    return {"memory_mib": memory, **draw(part(eviction=evicts)), **draw(kept | part(append_only=st.just(False)))}


@st.composite
def _rabbitmq(draw: st.DrawFn) -> dict[str, Any]:
    """Queues; dead letters go to another one of them."""
    names = draw(some(("work", "no", "A.b_c-1", "q" * 128)))
    queues: dict[str, Any] = {}
    for name in names:
        others = [one for one in names if one != name]
        dead = {"dead_letters": one_of(*others)} if others else {}
        counts = {"delivery_limit": whole(1, 1000), "ttl_seconds": whole(1, 365 * 86400), "max_length": whole(1, 10**6)}
        queues[name] = draw(part(**dead, **counts))
    return draw(part({"queues": st.just(queues)}, storage_gib=whole(4, 16384)))


_EXTRACT = part(
    {"url": st.just("https://maps.acme.example/here.osm.pbf"), "size_mib": whole(1, 100_000)},
    updates=st.just("https://maps.acme.example/updates/"),
)
_NOMINATIM = (part({"region": one_of("europe/spain", "europe/andorra")}), part({"extract": _EXTRACT}))

KINDS: Mapping[str, tuple[str, st.SearchStrategy[Any]]] = {
    "cache": ("valkey", _valkey()),
    "database": ("postgres", part(storage_gib=GIB)),
    "stream": (
        "kafka",
        part(
            {"topics": few(one_of(*TOPICS), part(partitions=whole(1, 100), retention_hours=whole(1, 8760)), 1)},
            storage_gib=GIB,
        ),
    ),
    "payments-db": (
        "mongodb",
        part(database=one_of("a", "Shop_1-x", "no"), storage_gib=GIB, keep_backups=whole(1, 365)),
    ),
    "work": ("rabbitmq", _rabbitmq()),
    "files": (
        "bucket",
        part(expire_days=whole(1, 3650), old_version_days=whole(1, 365) | st.none()),
    ),
    "letters": (
        "queue",
        part(retention_hours=whole(1, 168), acknowledge_seconds=whole(10, 300), max_deliveries=whole(5, 20)),
    ),
    "vectors": (
        "weaviate",
        part(
            storage_gib=GIB,
            vectorizer=part(
                model=one_of("sentence-transformers-all-MiniLM-L6-v2", "baai-bge-small-en-v1.5"),
                threads=whole(1, 64),
                replicas=whole(1, 20),
            )
            | st.none(),
        ),
    ),
    "places": (
        "nominatim",
        st.builds(
            lambda what, more: {**what, **more},
            st.one_of(*_NOMINATIM),
            part(storage_gib=whole(10, 16384), updates=one_of("17 3 * * *", "0 0 * * sun") | st.none()),
        ),
    ),
    "no": ("postgres", part(storage_gib=GIB)),
}
"""Data services by a name that no service's begins with."""


@st.composite
def data(draw: st.DrawFn) -> dict[str, Any]:
    """A few data services."""
    return {name: {"kind": KINDS[name][0], **draw(KINDS[name][1])} for name in draw(some(list(KINDS), most=4))}


@st.composite
def components(draw: st.DrawFn) -> dict[str, Any]:
    """What Dapr's sidecars work with."""
    own = part(
        {"type": "pubsub.redis", "metadata": part({"redisHost": "redis.acme.example:6379"}, enableTLS=BOOLEANS)},
        version=st.just("v1"),
        secrets=few(st.just("redisPassword"), st.just("broker/pass.word")),
    )
    external = some(TOPICS)
    kafka = part(
        kind=st.just("kafka"),
        storage_gib=GIB,
        partitions=whole(1, 100),
        retention_hours=whole(1, 8760),
        external=external,
    )
    return draw(
        part(
            pubsub=kafka | part({"kind": st.just("own"), "own": own}, external=external),
            state=part({"actors": BOOLEANS}, kind=st.just("postgresql"), storage_gib=GIB),
            configuration=part(kind=st.just("postgresql")),
        )
    )


POLICIES = {
    "timeout": DURATIONS,
    "retry": part(
        policy=one_of("constant", "exponential"),
        attempts=whole(-1, 100),
        interval=DURATIONS,
        max_interval=DURATIONS,
        http_status_codes=one_of("429", "429,502-504", "100-599"),
        grpc_status_codes=one_of("4,14", "0-16"),
    ),
    "circuit_breaker": part(failures=whole(1, 1000), open_for=DURATIONS, trials=whole(1, 100)),
    "without": some(("timeout", "retry", "circuit_breaker")),
}


@st.composite
def dapr(
    draw: st.DrawFn, ports: Sequence[str], given: Mapping[str, Any], called: Sequence[str], published: Sequence[str]
) -> dict[str, Any]:
    """What a service uses of Dapr, of the components that there are. `published` are topics that somebody fills."""
    spec = draw(part(resources=RESOURCES, secrets=some(("token", "no"))))
    if ports:
        protocol = draw(one_of("http", "grpc", "h2c"))
        health = part(health=PATHS) if protocol != "grpc" else st.just({})
        spec |= {"port": draw(one_of(*ports)), "protocol": protocol, **draw(health)}
    routes = iter(draw(st.permutations(["/tasks", "/", "/no", "/a.b/c", "/nightly", "/x"])))
    if "pubsub" in given:
        spec["publishes"] = draw(some(TOPICS))
        topics = (
            draw(some(sorted({*published, *spec["publishes"]}), most=2))
            if ports and (published or spec["publishes"])
            else []
        )
        spec["subscribes"] = [
            draw(part({"topic": st.just(one), "route": st.just(next(routes))}, dead_letter=st.just("lost")))
            for one in topics
        ]
    if ports and draw(BOOLEANS):
        schedule = SCHEDULES | one_of("@hourly", "@every 1h30m", "30 0 6 * * 1-5")
        names = draw(some(("cleanup", "no"), most=2))
        spec["cron"] = {name: {"schedule": draw(schedule), "route": next(routes)} for name in names}
    for component in ("state", "configuration"):
        if component in given and draw(BOOLEANS):
            spec[component] = True
    return {**spec, "resiliency": draw(_resiliency(spec, given, called))}


def _resiliency(
    spec: Mapping[str, Any], given: Mapping[str, Any], called: Sequence[str]
) -> st.SearchStrategy[dict[str, Any]]:
    """Policies for those whom the service asks, and for what comes in from messages."""
    uses = [name for name in ("state", "configuration", "secrets") if spec.get(name)]
    uses += ["pubsub"] if spec.get("publishes") or spec.get("subscribes") else []
    policies = part(**POLICIES)
    targets: dict[str, st.SearchStrategy[Any]] = {}
    if called:
        targets["services"] = few(one_of(*called), policies)
    if uses:
        both = part(outbound=policies, inbound=policies)
        known = {name: both if name == "pubsub" else part(outbound=policies) for name in uses}
        targets["components"] = part(**known)
    if given.get("state", {}).get("actors"):
        actor = part(**POLICIES, breaker_scope=one_of("type", "id", "both"))
        targets["actors"] = few(one_of("Order", "a_b.c-1"), actor)
    return part(**targets)
