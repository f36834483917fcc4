"""The tables of changes: every setting, its new value, and what that touches in the stack of a cloud."""

from pathlib import Path
from typing import Any

import yaml

from stacks.settings import AksStack, GkeStack, LocalStack, OkeStack, Stack

CLOUDS: dict[str, tuple[type[Stack], str]] = {
    "gke": (GkeStack, "gke-prod"),
    "aks": (AksStack, "aks-prod"),
    "oke": (OkeStack, "oke-prod"),
    "local": (LocalStack, "local-dev"),
}
CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    cloud: yaml.safe_load((Path(__file__).parent / "changes" / f"{cloud}.yaml").read_text()) for cloud in CLOUDS
}
"""By cloud and change: what is set to what, and the names of what is touched. A change has the path of its setting for
a name, or says in words what happens to several."""

OPERATIONS = {
    "create": "creates",
    "update": "updates",
    "replace": "replaces",
    "delete": "deletes",
    "refuse": "refuses",
}
"""Operations, and the lists of a change that name what they are done to. `refuses`: the cloud does no such update."""
