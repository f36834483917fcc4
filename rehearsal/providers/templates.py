"""Fills the templates of ids and computed outputs that a rule table holds."""

from collections.abc import Mapping
from typing import Any

from rehearsal.providers.wire import UNKNOWN, Secret


def fill(template: Any, fields: Mapping[str, Any]) -> Any:
    """The template with each `{field}` filled in; a template that is one field alone keeps that field's type."""
    if isinstance(template, dict):
        return {key: fill(item, fields) for key, item in template.items()}
    if isinstance(template, list):
        return [fill(item, fields) for item in template]
    if not isinstance(template, str):
        return template
    if template.startswith("{") and template.endswith("}") and template[1:-1] in fields:
        return fields[template[1:-1]]
    return template.format_map(fields)


def pending(template: Any, known: Any) -> Any:
    """The same outputs in a preview: what the state has, and otherwise not known yet."""
    if isinstance(template, dict):
        inside = known.value if isinstance(known, Secret) else known
        beside = inside if isinstance(inside, dict) else {}
        return {key: pending(item, beside.get(key)) for key, item in template.items()}
    if known is not None:
        return known
    return UNKNOWN if isinstance(template, list) or (isinstance(template, str) and "{" in template) else template


def overlay(computed: Any, given: Any) -> Any:
    """What the cloud computes, with whatever the program gave in its place, at every depth."""
    if isinstance(computed, dict) and isinstance(given, dict):
        merged = {key: overlay(computed.get(key), item) for key, item in given.items()}
        return {**computed, **merged}
    return computed if given is None else given
