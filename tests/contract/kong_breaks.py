"""A good configuration of Kong for everything that its schema knows, and ways to break each field of it."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from contract_check.kong_declarative import SCHEMA

VERSION = "3.0"
PEM = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
SERVICE = {"name": "todo", "host": "todo"}
ROUTE = {"name": "todo", "paths": ["/api"]}

PLUGINS: Mapping[str, Mapping[str, Any]] = {
    "acl": {"allow": ["todo"]},
    "ip-restriction": {"deny": ["203.0.113.0/24"]},
    "opentelemetry": {"traces_endpoint": "http://collector:4318/v1/traces"},
    "pre-function": {"access": ["return"]},
    "proxy-cache": {"strategy": "memory"},
    "rate-limiting": {"minute": 5},
}
"""Fields without which a plugin is refused."""

ENTITIES: Mapping[str, tuple[Mapping[str, Any], tuple[str | int, ...]]] = {
    "services": ({"services": [SERVICE]}, ("services", 0)),
    "routes": ({"services": [{**SERVICE, "routes": [ROUTE]}]}, ("services", 0, "routes", 0)),
    "upstreams": ({"upstreams": [{"name": "todo"}]}, ("upstreams", 0)),
    "targets": (
        {"upstreams": [{"name": "todo", "targets": [{"target": "todo:80"}]}]},
        ("upstreams", 0, "targets", 0),
    ),
    "consumers": ({"consumers": [{"username": "ada"}]}, ("consumers", 0)),
    "plugins": ({"plugins": [{"name": "cors", "config": {}}]}, ("plugins", 0)),
    "acls": ({"consumers": [{"username": "ada", "acls": [{"group": "a"}]}]}, ("consumers", 0, "acls", 0)),
    "keyauth_credentials": (
        {"consumers": [{"username": "ada", "keyauth_credentials": [{"key": "k"}]}]},
        ("consumers", 0, "keyauth_credentials", 0),
    ),
    "jwt_secrets": (
        {"consumers": [{"username": "ada", "jwt_secrets": [{"key": "k", "secret": "s"}]}]},
        ("consumers", 0, "jwt_secrets", 0),
    ),
    "basicauth_credentials": (
        {"consumers": [{"username": "ada", "basicauth_credentials": [{"username": "a", "password": "b"}]}]},
        ("consumers", 0, "basicauth_credentials", 0),
    ),
}
"""The smallest file that has an entity, and where the entity stands in it."""

WRONG_TYPE: Mapping[str, Any] = {
    "array": "text",
    "boolean": "yes",
    "foreign": 5,
    "integer": 1.5,
    "map": ["text"],
    "number": "1",
    "record": "text",
    "set": "text",
    "string": 5,
}

WRONG_TEXT: Mapping[str, str] = {
    "cookie_name": "a b",
    "header_and_value": "a b:c",
    "header_name": "a b",
    "host": "todo:80",
    "host_with_optional_port": "todo:port",
    "host_with_wildcards": "*.to do",
    "ip_or_cidr": "203.0.113.0/33",
    "name_and_value": "name",
    "origin": "(",
    "path": "/a b",
    "router_path": "/a/../b",
    "sni": "203.0.113.1",
    "tag": "a,b",
    "target": "to do",
    "two_headers": "old:n w",
    "upstream_name": "203.0.113.1",
    "url": "collector",
    "utf8_name": "a b",
    "wildcard_host": "a*b",
}
"""A text that each check refuses."""

WRONG_FORM: Mapping[str, str] = {
    "^[A-Z]+$": "get",
    r"^[^*]*\*?[^*]*$": "*.*",
    r"^\*\.": "a*b",
    "^/": "api",
    "//": "/a//b",
    "^[Hh][Oo][Ss][Tt]$": "Host",
    "^[^:]+:.*$": "name",
}
"""A text that is not as each pattern says."""


def file_of(records: Mapping[str, Any]) -> dict[str, Any]:
    """A whole file."""
    return {"_format_version": VERSION, **copy.deepcopy(dict(records))}


def changed(document: Mapping[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The file with another value at a path."""
    copied: Any = copy.deepcopy(dict(document))
    place = copied
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    place[path[-1]] = value
    return copied


def wrong_values(field: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Values that a field refuses, each with where below the field it is wrong."""
    yield (), WRONG_TYPE[field["type"]]
    if "one_of" in field:
        yield (), "nonsense" if field["type"] == "string" else 7
    if "between" in field:
        yield (), field["between"][0] - 1
        yield (), field["between"][1] + 1
    if "gt" in field:
        yield (), field["gt"]
    yield from (((), value) for value in _wrong_texts(field))
    match field["type"]:
        case "array" | "set":
            yield from (((), [value]) for _below, value in wrong_values(field["elements"]))
            if field.get("len_min"):
                yield (), []
        case "map":
            yield from (((), {"key": value}) for _below, value in wrong_values(field["values"]))
            yield from (((), {key: _good(field["values"])}) for key in _wrong_texts(field.get("keys", {})))
        case "record":
            yield ("no-such-field",), 1
            for name, inner in field["fields"].items():
                yield from (((name, *below), value) for below, value in wrong_values(inner))
        case _:
            return


def _wrong_texts(field: Mapping[str, Any]) -> Iterator[str]:
    if field.get("type", "string") != "string":
        return
    if field.get("len_min") != 0:
        yield ""
    if "starts_with" in field:
        yield "api"
    for pattern in (*([field["match"]] if "match" in field else []), *field.get("match_all", ())):
        yield WRONG_FORM[pattern]
    if "match_any" in field:
        yield WRONG_FORM[field["match_any"][0]]
    yield from (WRONG_FORM[pattern] for pattern in field.get("match_none", ()))
    if "check" in field:
        yield WRONG_TEXT[field["check"]]
    if field.get("uuid"):
        yield "todo"
    if field.get("is_regex"):
        yield "("


def _good(field: Mapping[str, Any]) -> Any:
    return ["a"] if field["type"] == "array" else "a"


def plugin_file(name: str) -> dict[str, Any]:
    """The smallest file that has a plugin."""
    return file_of({"plugins": [{"name": name, "config": dict(PLUGINS.get(name, {}))}]})


def plugin_fields(name: str) -> dict[str, Any]:
    """The fields of a plugin's `config`."""
    return SCHEMA["plugins"][name]["fields"]
