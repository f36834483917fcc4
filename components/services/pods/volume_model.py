"""What a service finds in its file system besides its image, which nobody writes to."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, field_validator

from components.services.pods.room import mebibytes
from components.services.service_secrets import SecretName
from components.services.values import Resources
from stacks.model import Model, form

LARGEST_CONFIG_MAP: Final = 900_000
"""Bytes of all files of a volume; a ConfigMap has room for 1 MiB with its names and labels:
https://kubernetes.io/docs/concepts/configuration/configmap/"""

TAKEN: Final = ("/tmp", "/dev", "/proc", "/sys", "/etc/data", "/run/secrets", "/var/run/secrets")
"""Folders that are there already: the writable one of every pod, the system's, and those of data services."""

VolumeName = Annotated[
    str,
    form(
        r"(?!tmp$)[a-z][a-z0-9]{0,19}",
        "20 lower-case letters and digits at most, starting with a letter, and not tmp, which every pod has",
    ),
]
FileName = Annotated[
    str, form(r"(?=.{1,100}$)(?!\.\.|\.$)[A-Za-z0-9._-]+", "the name of a file, for example app.toml, without a folder")
]


def _free(path: str) -> str:
    if taken := next((one for one in TAKEN if f"{path}/".startswith(f"{one}/")), None):
        raise ValueError(f"{taken} is there already; mount it somewhere else")
    return path


MountPath = Annotated[
    str,
    form(r"(?=.{2,200}$)(/(?!\.\.?(/|$))[A-Za-z0-9._-]+)+", "a folder from the root on, for example /var/cache"),
    AfterValidator(_free),
]


class _Volume(Model):
    path: MountPath
    """Where the containers find it."""


class Scratch(_Volume):
    """Room to write that each pod has for itself, empty when it starts and gone when it ends."""

    kind: Literal["scratch"]
    size_mib: int = Field(default=256, ge=1, le=1_048_576)
    """MiB. A pod that writes more is ended."""

    memory: bool = False
    """Whether it lives in memory instead of on the node's disk. What is in it counts to the memory of the service."""


class Claim(_Volume):
    """A disk that outlives pods. It belongs to one pod at a time, so the service has one: it is ended before the next
    one starts. Data that more pods work with belongs into a data service.
    """

    kind: Literal["claim"]
    size_gib: int = Field(ge=1, le=16_384)
    """GiB. It grows and never shrinks."""


class Files(_Volume):
    """Files whose content stands here. Pods are replaced when it changes. Credentials do not belong here."""

    kind: Literal["files"]
    files: dict[FileName, str] = Field(min_length=1)
    """Content by the name of the file."""

    @field_validator("files")
    @classmethod
    def _they_fit(cls, files: dict[str, str]) -> dict[str, str]:
        size = sum(len(content.encode()) for content in files.values())
        if size > LARGEST_CONFIG_MAP:
            raise ValueError(f"{size} bytes, and there is room for {LARGEST_CONFIG_MAP}")
        return files


class SecretFiles(_Volume):
    """Files whose content is in the vault. Pods are replaced when it changes (docs/secrets.md)."""

    kind: Literal["secrets"]
    files: dict[FileName, SecretName] = Field(min_length=1)
    """By the name of the file, what its secret is called in the vault after `<workload>-`."""


Volume = Annotated[Scratch | Claim | Files | SecretFiles, Field(discriminator="kind")]
"""One volume, by its kind."""


def problems(volumes: Mapping[str, Volume], pods: int, resources: Resources) -> Iterator[tuple[str, str]]:
    """What is wrong with the volumes of a service that has so many pods: key path, and text."""
    paths: dict[str, str] = {}
    for name, volume in volumes.items():
        other = paths.setdefault(volume.path, name)
        if other != name:
            yield f"{name}.path", f"{volume.path} is the path of {other} already"
        if isinstance(volume, Claim) and pods > 1:
            problem = f"one pod alone can have a claim, and there are {pods}"
            yield name, f"{problem}; say replicas: 1 and have no canary, or use a data service"
        if isinstance(volume, Scratch) and volume.memory and volume.size_mib >= mebibytes(resources.memory):
            yield (
                f"{name}.size_mib",
                f"expected less than the memory of the service ({resources.memory}), which it is in",
            )


def claimed_gib(volumes: Mapping[str, Volume]) -> int:
    """GiB of disks that a service has."""
    return sum(volume.size_gib for volume in volumes.values() if isinstance(volume, Claim))


def secret_volumes(volumes: Mapping[str, Volume]) -> dict[str, SecretFiles]:
    """The volumes whose files are in the vault, by name."""
    return {name: volume for name, volume in volumes.items() if isinstance(volume, SecretFiles)}
