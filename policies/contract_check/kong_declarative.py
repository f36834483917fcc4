"""What Kong refuses in a declarative configuration, as its own schema says it, and why nobody's pods would start.

The whole file is refused for one error: Kong does not start. The schema is carried beside this file; what it does not
have (certificates, other plugins, other entities) is refused as unknown, since nothing here writes it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from contract_check.findings import did_you_mean
from contract_check.kong_references import check_references
from contract_check.kong_rules import check_rules
from contract_check.kong_texts import CHECKS

SCHEMA: Final[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "array": list,
    "boolean": bool,
    "foreign": str,
    "integer": int,
    "map": dict,
    "number": (int, float),
    "record": dict,
    "set": list,
    "string": str,
}
FAMILIES: Final = ("http|https", "grpc|grpcs", "tcp|tls|udp|tls_passthrough")


def refusals(document: Any) -> list[str]:
    """Why Kong would not start with the configuration, each by the names of what it is about; empty where it does."""
    if not isinstance(document, dict):
        return ["the file: no mapping"]
    return [*_check_file(document), *check_references(SCHEMA, document)]


def _check_file(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("_format_version") not in SCHEMA["format_versions"]:
        yield f"_format_version: one of {', '.join(SCHEMA['format_versions'])}, as text"
    for kind, records in document.items():
        if kind in ("_format_version", "_transform", "_comment", "_ignore"):
            continue
        if kind not in SCHEMA["entities"]:
            yield f"{kind}: unknown{did_you_mean(kind, SCHEMA['entities'])}"
        else:
            yield from _check_entities(kind, records, kind, None)


def _check_entities(kind: str, records: Any, path: str, parent: str | None) -> Iterator[str]:
    if not isinstance(records, list):
        yield f"{path}: no list"
        return
    for index, record in enumerate(records):
        if isinstance(record, dict):
            yield from _check_entity(kind, record, f"{path}[{label(kind, record, index)}]", parent)
        else:
            yield f"{path}[{index}]: no mapping"


def label(kind: str, record: Mapping[str, Any], index: int) -> str:
    """What a record is called in findings: its name, if it has one that is no secret, or where it stands."""
    key = "name" if kind == "plugins" else SCHEMA["entities"][kind].get("endpoint_key")
    name = record.get(key) if key and kind not in ("keyauth_credentials",) else None
    return name if isinstance(name, str) and name else str(index)


def _check_entity(kind: str, record: Mapping[str, Any], path: str, parent: str | None) -> Iterator[str]:
    schema = SCHEMA["entities"][kind]
    nested: Mapping[str, str] = SCHEMA["nested"].get(kind, {})
    own = {name: value for name, value in record.items() if name not in nested and name not in ("_comment", "_ignore")}
    fields, rules = dict(schema["fields"]), list(schema.get("rules", ()))
    if parent is not None:
        # What is written below something belongs to that, whatever its own field says.
        fields[parent] = {**fields[parent], "required": False}
    if kind == "plugins":
        plugin = SCHEMA["plugins"].get(own.get("name"))
        if own.get("name") is None:
            yield f"{path}.name: missing"
            return
        if plugin is None:
            yield f"{path}.name: no such plugin{did_you_mean(str(own.get('name')), SCHEMA['plugins'])}"
            return
        fields["config"] = {"type": "record", "required": True, "fields": plugin["fields"]}
        fields["protocols"] = {**fields["protocols"], "elements": {"type": "string", "one_of": plugin["protocols"]}}
        rules += [_of_config(rule) for rule in plugin.get("rules", ())]
    if kind == "upstreams":
        yield from _algorithm(own, path)
    if kind == "routes":
        special = _family(own, fields)
        fields = {**fields, **special.get("fields", {})}
        rules += special.get("rules", [])
    found = list(_check_record(fields, own, path))
    yield from found
    if not found:
        yield from (f"{path}: {problem}" for problem in check_rules(rules, _with_defaults(fields, own)))
    for below, parent_key in nested.items():
        if below in record:
            yield from _check_entities(below, record[below], f"{path}.{below}", parent_key)


def _algorithm(upstream: Mapping[str, Any], path: str) -> Iterator[str]:
    """`algorithm` and `hash_on` each set the other, whichever comes last (`shorthand_fields` in upstreams.lua)."""
    algorithm, hash_on = upstream.get("algorithm"), upstream.get("hash_on")
    agree = {"round-robin": hash_on == "none", "consistent-hashing": hash_on != "none"}
    if algorithm is not None and hash_on is not None and not agree.get(algorithm, False):
        yield f"{path}: algorithm {algorithm} and hash_on {hash_on} rewrite each other"


def _of_config(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule of a plugin whose fields are named without the `config` that they stand in."""
    if "at_least_one_of" not in rule:
        return rule
    return {"at_least_one_of": [f"config.{field.removeprefix('config.')}" for field in rule["at_least_one_of"]]}


def _family(route: Mapping[str, Any], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the schema says besides of routes whose protocols are those of one family."""
    protocols = route.get("protocols", fields["protocols"]["default"])
    by_protocol = SCHEMA["entities"]["routes"]["by_protocol"]
    known = [family for family in FAMILIES if isinstance(protocols, list) and set(protocols) <= set(family.split("|"))]
    return by_protocol[known[0]] if known and protocols else {}


def _check_record(fields: Mapping[str, Any], record: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, value in record.items():
        if name not in fields:
            yield f"{path}.{name}: unknown field{did_you_mean(name, fields)}"
        elif fields[name].get("forbidden"):
            if value is not None:
                yield f"{path}.{name}: not possible with these protocols"
        elif value is None:
            if fields[name].get("required"):
                yield f"{path}.{name}: missing"
            elif fields[name].get("default") is not None:
                # Kong keeps the null, and what follows from it differs from field to field.
                yield f"{path}.{name}: null in the place of its default"
        else:
            yield from _check_value({"type": "boolean", **fields[name]}, value, f"{path}.{name}")
    for name, field in fields.items():
        needed = field.get("required") and "default" not in field and field.get("type") != "record"
        if needed and name not in record:
            yield f"{path}.{name}: missing"


def _check_value(field: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    kind = field["type"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: not of type {kind}"
        return
    shown = value if field.get("one_of") or kind != "string" else repr(value)
    if "one_of" in field and value not in field["one_of"]:
        yield f"{path}: {shown} is not one of {', '.join(map(str, field['one_of']))}"
    if "between" in field and not field["between"][0] <= value <= field["between"][1]:
        yield f"{path}: {shown} is not from {field['between'][0]} to {field['between'][1]}"
    if "gt" in field and not value > field["gt"]:
        yield f"{path}: {shown} is not above {field['gt']}"
    if field.get("ne") is not None and value == field["ne"]:
        yield f"{path}: not {json.dumps(value)} with these protocols"
    if isinstance(value, str) and kind == "string":
        yield from _check_text(field, value, path)
    yield from _check_below(field, value, path)


def _check_text(field: Mapping[str, Any], value: str, path: str) -> Iterator[str]:
    if not value and field.get("len_min") != 0:
        yield f"{path}: empty"
        return
    if "starts_with" in field and not value.startswith(field["starts_with"]):
        yield f"{path}: does not begin with {field['starts_with']}"
    wanted = [*([field["match"]] if "match" in field else []), *field.get("match_all", ())]
    alternatives = field.get("match_any", ())
    if not all(re.search(pattern, value) for pattern in wanted) or (
        alternatives and not any(re.search(pattern, value) for pattern in alternatives)
    ):
        yield f"{path}: not of the form {' and '.join(wanted) or ' or '.join(alternatives)}"
    elif forbidden := [pattern for pattern in field.get("match_none", ()) if re.search(pattern, value)]:
        yield f"{path}: has {forbidden[0]}"
    else:
        checks = [field.get("check"), "uuid" if field.get("uuid") else None, "regex" if field.get("is_regex") else None]
        yield from (f"{path}: {problem}" for name in checks if name and (problem := CHECKS[name](value)))


def _check_below(field: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    match field["type"]:
        case "record":
            found = list(_check_record(field["fields"], value, path))
            yield from found or (f"{path}: {one}" for one in check_rules(field.get("rules", ()), value))
        case "array" | "set":
            if len(value) < field.get("len_min", 0):
                yield f"{path}: needs {field['len_min']}"
            exclusive = [
                set(subset) & {str(one) for one in value} for subset in field.get("mutually_exclusive_subsets", ())
            ]
            if sum(1 for subset in exclusive if subset) > 1:
                yield f"{path}: {', '.join(map(str, value))} do not go together"
            for index, element in enumerate(value):
                yield from _check_value(field["elements"], element, f"{path}[{index}]")
        case "map":
            for key, element in value.items():
                yield from _check_text(field.get("keys", {}), str(key), f"{path}.{key}")
                yield from _check_value(field["values"], element, f"{path}.{key}")
        case _:
            return


def _with_defaults(fields: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as Kong completes it before it looks at rules between fields."""
    completed: dict[str, Any] = {}
    for name, field in fields.items():
        value = record[name] if name in record else field.get("default")
        if field.get("type") == "record" and (value is not None or field.get("required")):
            value = _with_defaults(field.get("fields", {}), value or {})
        completed[name] = value
    return completed
