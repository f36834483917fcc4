"""Volumes of a service, and the Secrets that some of them are made of."""

from collections.abc import Mapping
from typing import Any

from components.restarts import with_restarts
from components.services.pods.pod_values import volume_values
from components.services.pods.volume_model import Volume, secret_volumes


def secret_name(service: str, volume: str) -> str:
    """Name of the Secret whose keys are the files of a volume. No service has a dot in its name."""
    return f"{service}.{volume}"


def add_volumes(values: dict[str, Any], service: str, volumes: Mapping[str, Volume], storage_class: str) -> None:
    """Adds to the values of a release its volumes, and that a change of a secret file restarts pods."""
    given = {name: volume_values(volume, storage_class) for name, volume in volumes.items()}
    if plain := {name: one for name, one in given.items() if one is not None}:
        values["volumes"] = plain
    secrets = secret_volumes(volumes)
    if not secrets:
        return
    mounts = {
        name: {"secret": secret_name(service, name), "path": one.path, "items": {file: file for file in one.files}}
        for name, one in secrets.items()
    }
    values["secretMounts"] = {**values.get("secretMounts", {}), **mounts}
    watched = [one["secret"] for one in mounts.values()]
    values["podAnnotations"] = with_restarts(values.get("podAnnotations", {}), *watched)
