"""The Kubernetes versions that GKE offers."""

import re
from typing import Final

from rehearsal.providers.errors import CloudError

# Source: cloud.google.com/kubernetes-engine/docs/release-notes and its feeds, as of September 2026. For each minor
# version one that Google offered, the newest known; other patch versions of the same minor are taken to be on offer.
_NEWEST: Final = {
    "1.30": "1.30.14-gke.1991000",
    "1.31": "1.31.14-gke.1986000",
    "1.32": "1.32.9-gke.1711000",
    "1.33": "1.33.12-gke.1165000",
    "1.34": "1.34.8-gke.1278000",
    "1.35": "1.35.8-gke.1036000",
    "1.36": "1.36.4-gke.1391000",
}
_OFFERED: Final = {
    "RAPID": ("1.33", "1.34", "1.35", "1.36"),
    "REGULAR": ("1.33", "1.34", "1.35", "1.36"),
    "STABLE": ("1.33", "1.34", "1.35"),
    "EXTENDED": ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"),
    "UNSPECIFIED": ("1.33", "1.34", "1.35", "1.36"),
}
CHANNEL_DEFAULTS: Final = {
    "RAPID": _NEWEST["1.36"],
    "REGULAR": _NEWEST["1.35"],
    "STABLE": _NEWEST["1.34"],
    "EXTENDED": _NEWEST["1.35"],
}
KUBERNETES_VERSION: Final = CHANNEL_DEFAULTS["REGULAR"]
LATEST: Final = {channel: _NEWEST[minors[-1]] for channel, minors in _OFFERED.items() if channel in CHANNEL_DEFAULTS}
ALL: Final = tuple(reversed(_NEWEST.values()))
_FORM: Final = re.compile(r"^(?P<minor>\d+\.\d+)(\.\d+(-gke\.\d+)?)?$")


def check_version(asked: str | None, channel: str) -> None:
    """Refuses a version that a release channel does not have."""
    if asked is None or asked in ("latest", "-"):
        return
    form = _FORM.match(asked)
    offered = _OFFERED[channel]
    if form is None or form["minor"] not in offered:
        raise CloudError(
            f'googleapi: Error 400: Master version "{asked}" is unsupported: the release channel {channel} has '
            f"{offered[0]} to {offered[-1]}., badRequest"
        )


def given_version(asked: str | None, channel: str) -> str:
    """The version that a cluster gets which asks for this one, often by its minor alone."""
    if asked is None or asked == "-":
        return CHANNEL_DEFAULTS.get(channel, KUBERNETES_VERSION)
    if asked == "latest":
        return _NEWEST[_OFFERED[channel][-1]]
    if asked in _NEWEST:
        return _NEWEST[asked]
    same = (version for version in _NEWEST.values() if version.startswith(f"{asked}-"))
    return asked if "-gke." in asked else next(same, f"{asked}-gke.1000000")
