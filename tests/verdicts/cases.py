"""The objects of the suite, read from its data."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from rehearsal.providers import paths

FOLDER = Path(__file__).parent / "objects"
BASES = "bases"
Outcome = Literal["accepted", "refused", "never ready"]
Manifest = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One object, what is there before it, and what is to be said of it.

    Where one mode says otherwise than the other, the reason is given:
    `only_real` where quick cannot know, `only_quick` where quick asks for more than the API, `only_ours` where the
    published plugin lets pass what ours refuses.
    """

    name: str
    topic: str
    object: Manifest
    before: tuple[Manifest, ...] = ()
    former: Manifest | None = None
    """The object as it is before the change that is judged."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the namespace that the object goes to."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of the provider."""
    outcome: Outcome = "refused"
    only_real: str = ""
    only_quick: str = ""
    only_ours: str = ""

    @property
    def namespace(self) -> str:
        return namespace_of(self.name)

    def expected(self, mode: Literal["quick", "real"]) -> Outcome:
        silent = self.only_real if mode == "quick" else self.only_quick
        return "accepted" if silent else self.outcome


def namespace_of(name: str) -> str:
    """A namespace for each entry, so that none is in the way of another."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:50].strip("-")


@cache
def cases() -> tuple[Case, ...]:
    """All of them, in the order of the files."""
    files = sorted(path for path in FOLDER.glob("*.yaml") if path.stem != BASES)
    return tuple(case for path in files for case in _read(path))


def token(manifest: Manifest) -> str:
    """The resource type of an object."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    return f"kubernetes:{group or 'core'}/{version}:{manifest['kind']}"


@cache
def _bases() -> dict[str, Manifest]:
    return yaml.safe_load((FOLDER / f"{BASES}.yaml").read_text(encoding="utf-8"))


def _read(path: Path) -> Iterator[Case]:
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        known = dict(entry)
        name = known.pop("name")
        changed = _changed(known.pop("base", None) or known.pop("object"), known.pop("change", {}))
        former = known.pop("from", None)
        before = known.pop("before", ())
        outcome = known.pop("verdict", "accepted" if path.stem == "good" else "refused")
        ns = namespace_of(name)
        yield Case(
            name=name,
            topic=path.stem,
            object=_placed(changed, ns),
            before=tuple(_placed(_changed(one, {}), ns) for one in before),
            former=None if former is None else _placed(_changed(former, {}), ns),
            outcome=outcome,
            **known,
        )


def _changed(base: str | Manifest, change: Mapping[str, Any]) -> Manifest:
    manifest = _bases()[base] if isinstance(base, str) else base
    for path, value in change.items():
        manifest = paths.replace(manifest, path, value)
    return _without_nulls(manifest)


def _placed(value: Any, namespace: str) -> Any:
    if isinstance(value, dict):
        return {_placed(key, namespace): _placed(item, namespace) for key, item in value.items()}
    if isinstance(value, list):
        return [_placed(item, namespace) for item in value]
    return value.replace("$ns", namespace) if isinstance(value, str) else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
