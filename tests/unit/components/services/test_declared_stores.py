"""Valkey, Weaviate and Nominatim as workload files declare them: what is refused, who reaches whom, and their room."""

from collections.abc import Mapping
from typing import Any

import pytest

from components.data.connections import NominatimConnection, Pods, SecretKey, ValkeyConnection, WeaviateConnection
from components.data.sizes import SIZES
from components.network.connections import Place, tcp, udp
from components.network.connections import Pods as Selected
from components.services.data.declared import declared
from components.services.data.service import Backup
from components.services.model import WorkloadSpec, parse_workload
from components.services.stack_traits import StackTraits
from stacks.problems import SettingsError

SERVICE = {"image": {"tag": "1"}, "ports": {"http": 8080}}
CACHE = {"kind": "valkey", "memory_mib": 512, "eviction": "allkeys-lru"}
RESULTS = {"kind": "valkey", "memory_mib": 1024, "append_only": True}
VECTORS = {"kind": "weaviate", "vectorizer": {}}
PLACES = {"kind": "nominatim", "region": "europe/spain"}

ASKING = Selected(name="api", namespace="shop", labels={"app.kubernetes.io/name": "api"})


def workload(data: Mapping[str, Any], services: Mapping[str, Any] | None = None) -> WorkloadSpec:
    given = services or {"api": {**SERVICE, "data": list(data)}}
    return parse_workload("shop", {"data": dict(data), "services": dict(given)})


def service(kind: Mapping[str, Any]) -> Any:
    return declared("shop", workload({"store": kind})).named["store"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"cache": {**CACHE, "eviction": "lru"}}, "data.cache.eviction: expected 'noeviction', "),
        ({"cache": {**CACHE, "storage_gib": 3}}, "data.cache.storage_gib: nothing is written to a volume without"),
        ({"cache": {**RESULTS, "storage_gib": 1}}, "data.cache.storage_gib: expected 2 at least, twice the memory"),
        ({"a": VECTORS, "b": VECTORS}, "data.b: a is of this kind already, and a workload has one at most"),
        ({"a": VECTORS, "weaviate": CACHE}, "data.weaviate: names that begin with weaviate are those of a"),
        ({"a": {"kind": "weaviate", "vectorizer": {"model": "gpt"}}}, "data.a.vectorizer.model: expected 'sentence-"),
        ({"places": {"kind": "nominatim"}}, "data.places.region: missing; or extract"),
        ({"places": {**PLACES, "region": "europe/spian"}}, "data.places.region: expected 'europe/andorra', "),
        ({"db": {"kind": "postgress"}}, "data.db.kind: not one of valkey, postgres, "),
        (
            {"places": {**PLACES, "extract": {"url": "https://maps.example/town.osm.pbf", "size_mib": 1}}},
            "data.places.extract: region is given already",
        ),
        (
            {"places": {"kind": "nominatim", "extract": {"url": "http://maps.example/town.osm.pbf", "size_mib": 1}}},
            "data.places.extract.url: expected an address that begins with https://",
        ),
        ({"places": {**PLACES, "updates": "0 0 3 * * *"}}, "data.places.updates: expected 5 fields"),
        ({"places": {**PLACES, "storage_gib": 1}}, "data.places.storage_gib: "),
    ],
)
def test_what_cannot_be_made_is_refused_by_its_key(data: dict[str, Any], problem: str):
    with pytest.raises(SettingsError) as refused:
        workload(data)

    (found,) = refused.value.problems
    assert found.startswith(problem)


@pytest.mark.parametrize("name", ["t2v-transformers", "weaviate", "weaviate-headless"])
def test_a_service_has_no_name_that_weaviate_gives_its_own(name: str):
    with pytest.raises(SettingsError, match=f"services.{name}: names that begin with"):
        workload({"vectors": VECTORS}, {name: SERVICE})

    assert name in workload({"cache": CACHE}, {name: SERVICE}).services


@pytest.mark.parametrize(("memory", "gib"), [(64, 1), (512, 2), (1024, 3)])
def test_a_log_has_room_for_thrice_the_memory(memory: int, gib: int):
    assert service({**RESULTS, "memory_mib": memory}).spec.storage_gib == gib


@pytest.mark.parametrize(
    ("kind", "backup"),
    [(CACHE, Backup.NONE), (RESULTS, Backup.VOLUMES), (VECTORS, Backup.VOLUMES), (PLACES, Backup.NONE)],
)
def test_what_cannot_be_made_again_is_backed_up(kind: dict[str, Any], backup: Backup):
    assert service(kind).backup is backup


def test_services_reach_a_store_at_its_port_and_nothing_else_of_it():
    for kind, ports in ((CACHE, [6379]), (VECTORS, [8080, 50051]), (PLACES, [8080])):
        (connection,) = service(kind).reached_by(ASKING, StackTraits())

        assert (connection.source, connection.ports) == (ASKING, tcp(*ports))


def test_only_weaviate_reaches_the_inference_service_and_its_nodes_each_other():
    opened = {
        (one.source.name, getattr(one.target, "name", "")): one.ports for one in service(VECTORS).inside(StackTraits())
    }

    assert opened["data.store", "data.store-vectorizer"] == tcp(8080)
    assert opened["data.store", "data.store"] == (*tcp(7000, 7001, 8300, 8301), *udp(7000))
    assert [target for _, target in opened if target.endswith("-vectorizer")] == ["data.store-vectorizer"]


def test_the_import_reaches_the_database_and_the_download_host_and_nobody_else_does():
    opened = {(one.source.name, one.target): one.ports for one in service(PLACES).inside(StackTraits())}
    labels = {"app.kubernetes.io/name": "nominatim", "app.kubernetes.io/instance": "store"}
    server = Selected(name="data.store", namespace="shop", labels={**labels, "app.kubernetes.io/component": "server"})

    assert opened == {("data.store-writers", server): tcp(5432), ("data.store-writers", Place.OUTSIDE): tcp(443)}


def test_a_host_at_another_port_is_reached_there():
    extract = {"url": "https://maps.example:8443/town.osm.pbf", "updates": "https://maps.example/town/", "size_mib": 1}
    opened = service({"kind": "nominatim", "extract": extract}).inside(StackTraits())

    assert [one.ports for one in opened if one.target is Place.OUTSIDE] == [tcp(443, 8443)]


def test_the_quota_has_room_for_all_that_ever_runs():
    sizes = SIZES["prod"]
    cache, vectors, places = (service(kind).room(sizes) for kind in (RESULTS, VECTORS, PLACES))

    assert (cache.memory_mib, cache.storage_gib) == (32 + 2048 + 32, 3)
    assert (vectors.pods, vectors.storage_gib, vectors.memory_mib) == (3 + 2, 150, 3 * 4096 + 2 * 768)
    assert (places.pods, places.storage_gib, places.memory_mib) == (3, 70, 2048 + 3584 + 1024)


def test_credentials_are_told_by_the_name_of_their_secret():
    pods, key = Pods(namespace="shop", labels={}), SecretKey(name="store-keys", key="KEY")
    valkey = ValkeyConnection(host="store.shop.svc", port=6379, user="default", password=key, pods=pods, ready=[])
    weaviate = WeaviateConnection(
        host="store.shop.svc",
        port=8080,
        grpc_host="store-grpc.shop.svc",
        grpc_port=50051,
        key=key,
        pods=pods,
        ready=[],
    )
    cache, vectors = service(CACHE).access(valkey, "api"), service(VECTORS).access(weaviate, "api")

    assert (cache.secret_env, vectors.secret_env) == ({"PASSWORD": key}, {"API_KEY": key})
    assert cache.env["URL"] == "redis://default:$(STORE_PASSWORD)@store.shop.svc:6379"
    assert vectors.env["GRPC_HOST"] == "store-grpc.shop.svc"


@pytest.mark.parametrize("kind", [CACHE, VECTORS, PLACES])
def test_every_variable_that_is_given_is_known_before(kind: dict[str, Any]):
    pods, key = Pods(namespace="shop", labels={}), SecretKey(name="store-keys", key="KEY")
    connected: Any = {
        "valkey": ValkeyConnection(host="h", port=1, user="default", password=key, pods=pods, ready=[]),
        "weaviate": WeaviateConnection(host="h", port=1, grpc_host="g", grpc_port=2, key=key, pods=pods, ready=[]),
        "nominatim": NominatimConnection(host="h", port=1, pods=pods, ready=[]),
    }[kind["kind"]]
    store = service(kind)
    access = store.access(connected, "api")

    assert {*access.env, *access.secret_env} == store.VARIABLES


@pytest.mark.parametrize(
    ("data", "meant"),
    [
        ({"db": {"kind": "postgress"}}, "postgres"),
        ({"places": {**PLACES, "region": "europe/spian"}}, "europe/spain"),
        ({"cache": {**CACHE, "eviction": "allkeys-lruu"}}, "allkeys-lru"),
    ],
)
def test_what_was_probably_meant_is_said(data: dict[str, Any], meant: str):
    with pytest.raises(SettingsError) as refused:
        parse_workload("shop", {"data": data, "services": {"cart": {"image": {"tag": "1"}}}})

    assert refused.value.problems[0].endswith(f', did you mean "{meant}"?')
