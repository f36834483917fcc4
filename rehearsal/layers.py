"""Which layer of the platform a resource belongs to, read from where its outermost component is written.

Components lie in files that are named for what they make: a class of components/gke/network.py makes the network,
everything in components/platform/ the platform. Nothing is imported, so what is read may be of another commit.
"""

import re
from functools import cache
from pathlib import Path

from rehearsal.places import CLONE

_TOKEN = re.compile(r'super\(\).__init__\(\s*"(groundwork:index:\w+)"')
_CLOUDS = ("aks", "gke", "local", "oke")
_PROVIDERS = "pulumi:providers:"
PROVIDERS = "providers"
"""Settings of the clouds' and the cluster's providers."""
OTHER = "other"
"""What belongs to no component that the clone has."""


def layer_of(urn: str, type_: str, clone: Path = CLONE) -> str:
    """The layer, in one word."""
    if type_.startswith(_PROVIDERS):
        return PROVIDERS
    outermost = urn.split("::")[2].split("$")[0]
    return component_layers(clone).get(outermost, OTHER)


@cache
def component_layers(clone: Path) -> dict[str, str]:
    """The layer of every component of a clone, by type."""
    folder = clone / "components"
    return {
        token: _layer(file.relative_to(folder))
        for file in sorted(folder.rglob("*.py"))
        for token in _TOKEN.findall(file.read_text(encoding="utf-8"))
    }


def _layer(file: Path) -> str:
    """A cloud's components by their file, others by their folder."""
    named_by_file = len(file.parts) == 1 or file.parts[0] in _CLOUDS
    return (file.stem if named_by_file else file.parts[0]).replace("_", " ")
