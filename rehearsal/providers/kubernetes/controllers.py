"""What the controllers of custom resources make of them: Secrets, and the word that an object is ready."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from rehearsal.providers import paths
from rehearsal.providers.kubernetes.tables import charts
from rehearsal.providers.wire import Properties

SECRET: Final = "core/Secret"
_CONTROLLER_NAMESPACE: Final = "controller"


class World(Protocol):
    """A cluster, as far as its controllers look at it. Kinds are written as group/Kind."""

    def runs_in(self, chart: str) -> str | None:
        """The namespace where the pods of a chart run; None while none do."""
        ...

    def find(self, kind: str, name: str, namespace: str) -> Properties | None:
        """An object; the namespace does not matter where its kind has none."""
        ...

    def in_vault(self, name: str) -> bool:
        """Whether the vault holds a secret."""
        ...


@dataclass(frozen=True)
class MadeSecret:
    """A Secret that a controller makes for an object."""

    name: str
    namespace: str
    type: str
    keys: tuple[str, ...]
    owned: bool
    """Whether it goes when the object goes."""

    def manifest(self, maker: Properties) -> Properties:
        """As the API server gets it; the values can be told from real ones."""
        metadata: dict[str, Any] = {"name": self.name, "namespace": self.namespace}
        uid = maker["metadata"].get("uid")
        if self.owned and uid:
            owner = {"apiVersion": maker["apiVersion"], "kind": maker["kind"], "name": maker["metadata"]["name"]}
            metadata["ownerReferences"] = [{**owner, "uid": uid, "controller": True, "blockOwnerDeletion": True}]
        data = {key: base64.b64encode(f"rehearsed {self.name} {key}".encode()).decode() for key in self.keys}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": self.type, "data": data}


@dataclass(frozen=True)
class Outcome:
    """What a controller has made of an object."""

    obstacles: tuple[str, ...]
    """Why the object is not ready; nothing where it is."""
    secrets: tuple[MadeSecret, ...]
    """What is there by now."""
    status: Properties = field(default_factory=Properties)


def kinds() -> frozenset[str]:
    """The kinds whose controllers are known, as group/Kind."""
    return frozenset(_table()["kinds"])


def served() -> dict[str, tuple[str, str]]:
    """By the name of a kind's definition: group/Kind, and the path under which its objects are served."""
    return {
        name: (kind, f"/apis/{kind.partition('/')[0]}/{versions[0]}/{name.partition('.')[0]}")
        for name, kind, versions in _definitions()
    }


@cache
def tokens() -> dict[str, str]:
    """The type tokens of the kinds, each with its group/Kind."""
    found = {}
    for _, kind, versions in _definitions():
        group, _, name = kind.partition("/")
        found |= {f"kubernetes:{group}/{version}:{name}": kind for version in versions}
    return found


def chart_of(kind: str) -> str:
    """The chart of a kind's controller, or what stands for it."""
    return _table()["kinds"][kind]["chart"]


def finalizers_of(kind: str) -> frozenset[str]:
    """What the controller of a kind takes off an object that is to be deleted, once it has cleared up."""
    return frozenset(_table()["kinds"][kind].get("finalizers", ()))


def labels_of_pods(chart: str) -> dict[str, str]:
    """The labels by which the controller among the pods of a chart is known."""
    return _table()["controllers"][chart]


def outcome(kind: str, object_: Properties, world: World) -> Outcome:
    """What the controller of a kind makes of an object, given everything else that is there."""
    row = _table()["kinds"][kind]
    home = world.runs_in(row["chart"])
    if home is None:
        return Outcome((f"nothing runs that looks after it: the chart {row['chart']} is not installed",), ())
    obstacles = tuple(_obstacles(row, object_, home, world))
    made = tuple(
        secret
        for entry in row.get("secrets", ())
        if (not obstacles or _is_true(paths.first(object_, entry.get("before_ready", "-"))))
        for secret in _secrets(entry, object_)
    )
    return Outcome(obstacles, made, _status(row, obstacles))


def _obstacles(row: dict[str, Any], object_: Properties, home: str, world: World) -> Iterator[str]:
    for need in row.get("needs", ()):
        kind, name = _referred(need, object_)
        if name is None:
            continue
        own = str(object_["metadata"].get("namespace") or "")
        namespace = home if need.get("namespace") == _CONTROLLER_NAMESPACE else own
        found = world.find(kind, name, namespace)
        if found is None:
            yield f'{kind.partition("/")[2]} "{name}" not found'
        elif kind in kinds() and (why := outcome(kind, found, world).obstacles):
            yield f'{kind.partition("/")[2]} "{name}" is not ready: {why[0]}'
    for path in row.get("vault", ()):
        for name in paths.select(object_, path):
            if not world.in_vault(name):
                yield f'the secret "{name}" does not exist in the vault'


def _referred(need: dict[str, Any], object_: Properties) -> tuple[str, str | None]:
    group, _, kind = need["kind"].partition("/")
    chosen = paths.first(object_, need["kind_at"]) if "kind_at" in need else None
    return f"{group}/{chosen or kind}", _text(object_, need["name"])


def _secrets(entry: dict[str, Any], object_: Properties) -> Iterator[MadeSecret]:
    if not _holds(entry, object_):
        return
    name = _text(object_, entry["name"])
    if name is None:
        name = object_["metadata"]["name"] + entry.get("otherwise", "")
    keys = [*entry.get("keys", ())]
    keys += [key for path in entry.get("keys_at", ()) for key in paths.select(object_, path)]
    keys += [key for path in entry.get("keys_of", ()) for key in (paths.first(object_, path) or {})]
    chosen = paths.first(object_, entry["type_at"]) if "type_at" in entry else None
    stays = entry.get("stays", False) or any(_is(object_, *choice) for choice in entry.get("stays_when", {}).items())
    yield MadeSecret(
        name=f"{name}{entry.get('suffix', '')}",
        namespace=str(object_["metadata"].get("namespace") or "default"),
        type=str(chosen or entry.get("type", "Opaque")),
        keys=tuple(dict.fromkeys(keys)),
        owned=not stays,
    )


def _holds(entry: dict[str, Any], object_: Properties) -> bool:
    return (
        all(_is(object_, *choice) for choice in entry.get("when", {}).items())
        and not any(_is(object_, *choice) for choice in entry.get("unless", {}).items())
        and ("unless_given" not in entry or paths.first(object_, entry["unless_given"]) is None)
    )


def _is(object_: Properties, path: str, values: list[Any]) -> bool:
    return paths.first(object_, path) in values


def _is_true(value: Any) -> bool:
    return value in (True, "true")


def _text(object_: Properties, candidates: list[str]) -> str | None:
    found = (paths.first(object_, path) for path in candidates)
    return next((text for text in found if isinstance(text, str) and text), None)


def _definitions() -> Iterator[tuple[str, str, list[str]]]:
    for brought in charts()["definitions"].values():
        for item in brought:
            kind = f"{item['group']}/{item['kind']}"
            if kind in kinds():
                yield item["name"], kind, item["versions"]


def _status(row: dict[str, Any], obstacles: tuple[str, ...]) -> Properties:
    """One condition, which all of these controllers keep, and the word of those that have one for it besides."""
    condition = {"type": row.get("condition", "Ready"), "status": "False" if obstacles else "True"}
    reason = row.get("unready", "NotReady") if obstacles else "Ready"
    state = {"state": row["state"]["unready" if obstacles else "ready"]} if "state" in row else {}
    return {"conditions": [{**condition, "reason": reason, "message": "; ".join(obstacles)}], **state}


@cache
def _table() -> dict[str, Any]:
    return json.loads((Path(__file__).parent / "controllers.json").read_text())
