"""What a plan changes, in Markdown: by operation, by layer and by kind, with what differs. Read from an event log."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.layers import layer_of
from rehearsal.places import CLONE
from rehearsal.providers import paths
from rehearsal.providers.wire import UNKNOWN_MARKERS

OPERATIONS: tuple[str, ...] = ("delete", "replace", "update", "create", "same")
"""From what a reviewer has to look at first to what stays as it is."""
_WORDS = {"delete": "deleted", "replace": "replaced", "update": "updated", "create": "created", "same": "unchanged"}
_MEANS: Mapping[str, str] = {
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "discard-replaced": "replace",
    "import": "create",
    "read": "same",
    "read-discard": "same",
    "refresh": "same",
}
_AFTERWARDS = "an unhandled error occurred: program exited with non-zero exit code"
"""What the engine adds once the program has told its problems: it is no further one."""
_NAMES_SHOWN = 12
_CHANGES_SHOWN = 6
_VALUE_LENGTH = 60


@dataclass(frozen=True)
class Change:
    """What happens to one resource."""

    operation: str
    """One of `OPERATIONS`."""
    layer: str
    kind: str
    """The type's own name, such as `Subnetwork`."""
    name: str
    differences: tuple[str, ...] = ()
    """Paths that differ, with both values where they are short."""


@dataclass(frozen=True)
class Plan:
    """What a preview said."""

    changes: tuple[Change, ...]
    findings: tuple[str, ...]
    """What the contract check objects to."""
    errors: tuple[str, ...]
    """What else kept the preview from its end."""


def read(log: Path, clone: Path = CLONE) -> Plan:
    """The plan in an engine's event log; nothing at all where the engine did not come so far as to write one."""
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
    policies = [event["policyEvent"] for event in events if "policyEvent" in event]
    said = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    return Plan(
        changes=tuple(_changes(steps, clone)),
        findings=tuple(f"{_name(found['resourceUrn'])}: {found['message'].strip()}" for found in policies),
        errors=tuple(_errors(one["message"].strip() for one in said if one["severity"] == "error")),
    )


def markdown(stack: str, plan: Plan) -> str:
    """The summary that a reviewer reads."""
    counts = _counts(plan.changes)
    changed = [f"{counts[operation]} {_WORDS[operation]}" for operation in OPERATIONS[:-1] if counts[operation]]
    told = ", ".join([*(changed or ["nothing changes"]), f"{counts['same']} unchanged"])
    sections = [f"## {stack}: {'the preview failed' if plan.errors else told}"]
    for title, texts in (("The contract check objects", plan.findings), ("Why it failed", plan.errors)):
        if texts:
            sections.append("\n".join([f"### {title}", "", *(f"- {_plain(text)}" for text in texts)]))
    if changed:
        sections += [f"So far: {told}"] if plan.errors else []
        sections += [_by_layer(plan.changes), _details(plan.changes)]
    return "\n\n".join(sections) + "\n"


def _errors(messages: Iterable[str]) -> Sequence[str]:
    told = list(messages)
    return [message for message in told if not message.startswith(_AFTERWARDS)] or told


def _changes(steps: Iterable[Mapping[str, Any]], clone: Path) -> Iterator[Change]:
    """One change a resource. A replacement takes several steps, of which any may have the reasons."""
    of_resource: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        # The stack and its components are nothing that any provider makes.
        if step["type"] != "pulumi:pulumi:Stack" and not step["type"].startswith("groundwork:index:"):
            of_resource.setdefault(step["urn"], []).append(step)
    for urn, its_steps in of_resource.items():
        type_, operation = its_steps[0]["type"], its_steps[0]["op"]
        yield Change(
            operation=_MEANS.get(operation, operation),
            layer=layer_of(urn, type_, clone),
            kind=type_.rpartition(":")[2],
            name=_name(urn),
            differences=max((tuple(_differences(step)) for step in its_steps), key=len),
        )


def _differences(step: Mapping[str, Any]) -> Iterator[str]:
    old, new = step.get("old"), step.get("new")
    if _MEANS.get(step["op"], step["op"]) not in ("update", "replace") or not old or not new:
        return
    before, after = old.get("inputs") or {}, new.get("inputs") or {}
    forcing = {path.split(".")[0] for path in step.get("keys") or ()}
    known = step.get("detailedDiff") or {key for key in {**before, **after} if before.get(key) != after.get(key)}
    for path in sorted(path for path in known if not path.startswith("__")):
        values = paths.first(before, path), paths.first(after, path)
        shown = f": {_shown(values[0])} → {_shown(values[1])}" if all(map(_is_short, values)) else ""
        mark = "**" if path.split(".")[0] in forcing else ""
        yield f"{mark}{_plain(path)}{mark}{shown if values[0] != values[1] else ''}"
    if old.get("provider") != new.get("provider"):
        yield "its provider"


def _is_short(value: Any) -> bool:
    return (
        value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and len(value) <= _VALUE_LENGTH and value.isprintable())
    )


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return "known later" if value in UNKNOWN_MARKERS else _plain(json.dumps(value, ensure_ascii=False))


def _by_layer(changes: Sequence[Change]) -> str:
    columns = [operation for operation in OPERATIONS if _counts(changes)[operation]]
    rows = [["Layer", *(_WORDS[operation] for operation in columns)], ["---", *("--:" for _ in columns)]]
    for layer in dict.fromkeys(change.layer for change in changes):
        counts = _counts([change for change in changes if change.layer == layer])
        if any(counts[operation] for operation in OPERATIONS[:-1]):
            rows.append([layer, *(str(counts[operation] or "") for operation in columns)])
    return _table(rows)


def _details(changes: Sequence[Change]) -> str:
    """A row for each operation, layer and kind, in the order in which to look at them."""
    groups: dict[tuple[str, str, str], list[Change]] = {}
    for operation in OPERATIONS[:-1]:
        for change in changes:
            if change.operation == operation:
                groups.setdefault((operation, change.layer, change.kind), []).append(change)
    rows = [["", "Layer", "Kind", "", "Which, and what differs"], ["---", "---", "---", "--:", "---"]]
    for (operation, layer, kind), members in groups.items():
        rows.append([_WORDS[operation], layer, kind, str(len(members)), _members(members)])
    return f"{_table(rows)}\n\nWhat makes a replacement necessary is **bold**."


def _members(changes: Sequence[Change]) -> str:
    texts = [_member(change) for change in changes[:_NAMES_SHOWN]]
    more = len(changes) - len(texts)
    return "<br>".join([*texts, *([f"and {more} more"] if more else [])])


def _member(change: Change) -> str:
    shown = list(change.differences[:_CHANGES_SHOWN])
    more = len(change.differences) - len(shown)
    listed = ", ".join([*shown, *([f"{more} more"] if more else [])])
    return f"`{change.name}`" + (f" ({listed})" if listed else "")


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _counts(changes: Iterable[Change]) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(OPERATIONS, 0)
    for change in changes:
        counts[change.operation] += 1
    return counts


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _plain(text: str) -> str:
    """Text that a table of Markdown shows as it is."""
    for mark in "\\`*_|<>[]":
        text = text.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return " ".join(text.split())
