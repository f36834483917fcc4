"""Breaks keys: misspells them at any depth, and leaves out those that must be there."""

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.mutants.mutant import Mutant
from tests.mutants.places import Place
from tests.mutants.registrations import Path, Registration, bare, members
from tests.mutants.sdk_surface import properties

RELEASE = "kubernetes:helm.sh/v3:Release"
FREE = frozenset(
    {
        # Maps of Kubernetes whose keys the user chooses.
        "annotations", "labels", "matchLabels", "externalLabels", "nodeSelector", "limits", "requests", "data",
        "stringData",
        # Settings that charts hand on as they are: Grafana's grafana.ini and data sources, Loki's and Alertmanager's
        # own configuration, an application's settings, whatever a chart calls extra.
        "grafana.ini", "datasources", "additionalDataSources", "jsonData", "config", "structuredConfig", "settings",
        # The collector's and Jaeger's own: the programs themselves refuse a key that they do not know, in a test.
        "alternateConfig", "userconfig", "uiconfig",
        "env", "extraEnv", "additionalLabels", "podLabels", "podAnnotations", "podMetadata", "serviceLabels",
    }
)  # fmt: skip
"""Keys of chart values below which a chart takes any key."""

FREE_IN = {
    # charts/app-service/values.schema.json: names of ports and of variables are the service's own.
    "app-service": frozenset({"ports", "secretEnv"}),
    # Names of ports are the user's; below them the chart's own schema is closed.
    "opentelemetry-collector": frozenset({"ports"}),
}
"""The same for one chart alone."""


def misspelt(registration: Registration, place: Place, random: Random) -> Iterator[Mutant]:
    """A key that nothing has, for each key of an object."""
    if place.shape.kind == "object" and place.shape.arguments is not None:
        known = properties(place.shape.arguments)
        for key, _ in members(place.value):
            if key in known:
                yield from _misspelt(registration, (*place.path, key), {*known, *dict(members(place.value))}, random)
    if registration.type == RELEASE and place.path == ("values",):
        chart = str(bare(registration.inputs.get("chart"))).rpartition("/")[2]
        yield from _misspelt_values(
            registration, place.path, place.value, FREE | FREE_IN.get(chart, frozenset()), random
        )


def missing(registration: Registration, place: Place) -> Iterator[Mutant]:
    """Something required, taken away."""
    if place.required:
        yield Mutant(registration=registration, kind="missing required", path=place.path)


def misspellings(word: str) -> list[str]:
    """Ways in which people misspell a key."""
    middle = len(word) // 2
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", word).lower()
    swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    found = [snake, swapped, word[:middle] + word[middle + 1 :], word[:middle] + word[middle] + word[middle:]]
    return [one for one in dict.fromkeys(found) if one not in ("", word)]


def _misspelt(registration: Registration, path: Path, taken: set[Any], random: Random) -> Iterator[Mutant]:
    choices = [one for one in misspellings(str(path[-1])) if one not in taken]
    if choices:
        yield Mutant(registration=registration, kind="misspelt key", path=path, key=random.choice(choices))


def _misspelt_values(
    registration: Registration, path: Path, value: Any, free: frozenset[str], random: Random
) -> Iterator[Mutant]:
    keys = dict(members(value))
    for key, item in keys.items():
        if isinstance(key, str):
            yield from _misspelt(registration, (*path, key), set(keys), random)
        if key not in free:
            yield from _misspelt_values(registration, (*path, key), bare(item), free, random)
