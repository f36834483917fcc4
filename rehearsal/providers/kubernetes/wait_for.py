"""What an object is waited for by its annotation `pulumi.com/waitFor`.

Source: pulumi-kubernetes provider/pkg/metadata/overrides.go and provider/pkg/await/condition, v4.34: one expression or
a JSON list of them, of which all have to hold; without the annotation a custom resource is not waited for.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from rehearsal.providers import paths
from rehearsal.providers.errors import CloudError
from rehearsal.providers.wire import Properties

ANNOTATION: Final = "pulumi.com/waitFor"

_JSON_PATH = re.compile(r"^\{\s*\$?\.?(?P<path>[^{}?@]+?)\s*\}(?:=(?P<value>[^=]+))?$")


def expressions(annotation: str | None) -> list[str]:
    """What has to hold. Raises `CloudError` for what the provider does not understand."""
    if not annotation:
        return []
    try:
        given: Any = json.loads(annotation)
    except ValueError:
        given = annotation
    found = [str(item) for item in given] if isinstance(given, list) else [annotation]
    if not found:
        raise CloudError("at least one condition must be specified")
    for expression in found:
        if not expression.startswith(("jsonpath=", "condition=")):
            raise CloudError(f'expected a "jsonpath=" or "condition=" prefix, got "{expression}"')
        if expression.startswith("jsonpath=") and not _JSON_PATH.match(expression.removeprefix("jsonpath=")):
            raise CloudError(f"{expression}: the form is jsonpath={{.path}} or jsonpath={{.path}}=value, no filters")
    return found


def unmet(annotation: str | None, live: Properties) -> list[str]:
    """Why a live object is still waited for."""
    return [why for expression in expressions(annotation) for why in _unmet(expression, live)]


def _unmet(expression: str, live: Properties) -> Iterator[str]:
    how, _, rest = expression.partition("=")
    if how == "condition":
        yield from _unmet_condition(rest, live)
        return
    match = _JSON_PATH.match(rest)
    assert match is not None
    observed = paths.first(live, "status.observedGeneration")
    if observed is not None and observed < live["metadata"].get("generation", 0):
        yield f"{rest}: its controller has not seen the change"
        return
    found, wanted = paths.first(live, match["path"]), match["value"]
    if found is None:
        yield f"{rest} selected nothing"
    elif wanted is not None and _text(found) != wanted:
        yield f"Waiting for {rest} (found {_text(found)!r})"


def _unmet_condition(wanted: str, live: Properties) -> Iterator[str]:
    type_, _, status = wanted.partition("=")
    conditions = paths.first(live, "status.conditions")
    if conditions is None:
        yield "Has no .status.conditions"
        return
    found = next((item for item in conditions if str(item.get("type")).lower() == type_.lower()), None)
    if found is None:
        yield f"has no condition {type_}"
    elif str(found.get("status")).lower() != (status or "True").lower():
        said = f": {found['message']}" if found.get("message") else ""
        yield f"Resource has condition {type_}={found.get('status')} (want {status or 'True'}){said}"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
