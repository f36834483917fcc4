"""What is wrong with a gateway although each of its parts is right: seen before the first resource is made.

Kong's own schema is checked where the compiled file is tested. What stands here is what Kong takes without a word and
does otherwise than meant, or what it says too late, when its pods do not start.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from components.platform.gateway_config import Gateway, Route, Service
from components.platform.gateway_plugins import AUTHENTICATION, Plugin
from components.platform.gateway_upstreams import MAX_COUNT, Upstream

Item = TypeVar("Item")


def problems(gateway: Gateway) -> list[str]:
    """Every problem, by the name of what has it."""
    return [*_twice_named(gateway), *_matches(gateway), *_upstreams(gateway), *_credentials(gateway)]


def _twice_named(gateway: Gateway) -> Iterator[str]:
    consumers = gateway.consumers
    names = {
        "service": [service.name for service in gateway.services],
        "upstream": [upstream.name for upstream in gateway.upstreams],
        "route": [route.name for route in gateway.all_routes],
        "consumer": [one.username for one in consumers],
        "user name of basic-auth": [password.username for one in consumers for password in one.passwords],
        "issuer of tokens": [token.issuer for one in consumers for token in one.tokens],
    }
    for kind, known in names.items():
        yield from (f"{kind} {name} is there twice" for name in _twice(known))
    holders: list[tuple[str, Sequence[Plugin]]] = [
        ("the gateway", gateway.plugins),
        *((f"service {service.name}", service.plugins) for service in gateway.services),
        *((f"route {route.name}", route.plugins) for route in gateway.all_routes),
    ]
    for holder, plugins in holders:
        yield from (f"{holder} has the plugin {name} twice" for name in _twice([one.name for one in plugins]))


def _matches(gateway: Gateway) -> Iterator[str]:
    """Routes that match the same: Kong takes the older one, and in a file no route has an age."""
    found: dict[tuple[Any, ...], str] = {}
    told: set[tuple[str, str]] = set()
    for route in gateway.all_routes:
        for match in _match_keys(route):
            other = found.setdefault(match, route.name)
            if other != route.name and (other, route.name) not in told:
                told.add((other, route.name))
                protocol, host, path, method, _headers = match
                shown = f"{method} {protocol}://{host}{path}".strip()
                yield f"the routes {other} and {route.name} match the same: {shown}"


def _match_keys(route: Route) -> Iterator[tuple[Any, ...]]:
    headers = tuple(sorted((name.lower(), tuple(sorted(values))) for name, values in route.headers.items()))
    for protocol in route.protocols:
        for host in route.hosts:
            for path in route.paths or ("/",):
                for method in route.methods or ("",):
                    yield protocol, host.lower(), path, method, headers


def _upstreams(gateway: Gateway) -> Iterator[str]:
    used = {service.host: service for service in gateway.services}
    for upstream in gateway.upstreams:
        where = f"upstream {upstream.name}"
        if upstream.name not in used:
            yield f"{where}: no service has it as its host"
        if not upstream.targets:
            yield f"{where}: no targets"
        elif not any(target.weight for target in upstream.targets):
            yield f"{where}: the weight of every target is 0, so that nobody would answer"
        yield from (
            f"{where}: target {address} is there twice" for address in _twice([one.address for one in upstream.targets])
        )
        yield from _algorithm(upstream, where)
        yield from _health(upstream, used.get(upstream.name), where)


def _algorithm(upstream: Upstream, where: str) -> Iterator[str]:
    hashing = upstream.algorithm == "consistent-hashing"
    if hashing != (upstream.hash is not None):
        yield f"{where}: consistent-hashing and what to hash go together"
    if upstream.hash is not None and (upstream.hash.on in ("header", "cookie")) != bool(upstream.hash.name):
        yield f"{where}: a hash of a header or a cookie has a name, and no other has one"


def _health(upstream: Upstream, service: Service | None, where: str) -> Iterator[str]:
    if upstream.passive is not None and upstream.active is None:
        yield f"{where}: passive checks without active ones would never let an address back in"
    if upstream.active is not None and service is not None and service.protocol in ("grpc", "grpcs"):
        yield f"{where}: health checks ask by HTTP/1.0, which a service of gRPC does not answer"
    active, passive = upstream.active, upstream.passive
    counts = [
        *((active.successes, active.failures) if active else ()),
        *((passive.failures, passive.connection_failures, passive.timeouts) if passive else ()),
    ]
    if any(count > MAX_COUNT for count in counts):
        yield f"{where}: no more than {MAX_COUNT} answers in a row are counted"
    if active is not None and min(active.successes, active.failures) < 1:
        yield f"{where}: 0 successes or failures would switch active checks off"


def _credentials(gateway: Gateway) -> Iterator[str]:
    asked = {plugin.name for plugin in _all_plugins(gateway)}
    groups = {group for consumer in gateway.consumers for group in consumer.groups}
    for consumer in gateway.consumers:
        held = {"key": consumer.keys, "password": consumer.passwords, "token": consumer.tokens}
        if not any(held.values()):
            yield f"consumer {consumer.username}: no credentials"
        for plugin, kind in AUTHENTICATION.items():
            if held[kind] and plugin not in asked:
                yield f"consumer {consumer.username}: a {kind}, and no route has the plugin {plugin}"
    for plugin in _all_plugins(gateway):
        config = plugin.config
        if (
            plugin.name == "jwt"
            and config.get("maximum_expiration")
            and "exp" not in config.get("claims_to_verify", ())
        ):
            yield "jwt: a longest validity is looked at only where claims_to_verify has exp"
    for service in gateway.services:
        for route in service.routes:
            yield from _access(route, service, gateway, groups)


def _access(route: Route, service: Service, gateway: Gateway, groups: set[str]) -> Iterator[str]:
    effective = {one.name: one for one in (*gateway.plugins, *service.plugins, *route.plugins)}
    authenticated = [name for name in effective if name in AUTHENTICATION]
    acl = effective.get("acl")
    if authenticated and acl is None:
        yield f"route {route.name}: {authenticated[0]} without acl lets every consumer of the gateway through"
    if acl is not None and not authenticated:
        yield f"route {route.name}: acl without a plugin that asks who somebody is lets nobody through"
    for group in [*(acl.config.get("allow") or ()), *(acl.config.get("deny") or ())] if acl else ():
        if group not in groups:
            yield f"route {route.name}: no consumer is in the group {group}"


def _all_plugins(gateway: Gateway) -> list[Plugin]:
    return [
        *gateway.plugins,
        *(plugin for service in gateway.services for plugin in service.plugins),
        *(plugin for route in gateway.all_routes for plugin in route.plugins),
    ]


def _twice(items: Sequence[Item]) -> list[Item]:
    return list(dict.fromkeys(item for item in items if items.count(item) > 1))
