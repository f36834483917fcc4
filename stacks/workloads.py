"""What a stack says of the workloads that run on it: what differs there from what their files say."""

from collections import Counter
from typing import Annotated, Any, Final, cast

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from stacks.model import Model, Name, at, form

ServiceName = Annotated[
    str,
    form(
        r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?",
        "40 lower-case letters, digits and hyphens at most, starting with a letter and not ending with a hyphen",
    ),
]
Tag = Annotated[str, form(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", "a tag such as 1.0.0")]
Digest = Annotated[str, form(r"sha256:[0-9a-f]{64}", "sha256: and 64 digits, 0 to 9 and a to f")]
Cpu = Annotated[
    str,
    form(
        r"(?=.*[1-9])([0-9]+(\.[0-9]{1,3})?|[0-9]+m)",
        "more than 0 cores, as a number or in thousandths with m, for example 250m",
    ),
]
Memory = Annotated[str, form(r"(?=.*[1-9])[0-9]+(Ki|Mi|Gi)", "more than 0 in Ki, Mi or Gi, for example 256Mi")]

MOST_REPLICAS: Final = 1000


class ImageEntry(Model):
    """Which build of a service runs on this stack, in place of the file's tag and digest."""

    tag: Tag | None = None
    """Tag of the image, which somebody may push again: the digest says for good what runs. Another one updates the
    release of this service and no other."""

    digest: Digest | None = Field(default=None, validate_default=True)
    """Digest of the image. Wins over the tag. Another one updates the release of this service and no other."""

    @field_validator("digest")
    @classmethod
    def _is_one_build(cls, digest: str | None, info: ValidationInfo) -> str | None:
        if digest is None and info.data.get("tag", "") is None:
            raise ValueError("missing; a tag or a digest is needed")
        return digest


class ResourcesEntry(Model):
    """What each pod asks for on this stack, in place of what the file says."""

    cpu: Cpu | None = None
    """Processors. By default those of the file. Another number brings new pods, and may change the workload's quota."""

    memory: Memory | None = None
    """Memory, which is also the limit. By default that of the file. Another number brings new pods, and may change the
    workload's quota."""


class ServiceEntry(Model):
    """What differs for one service."""

    image: ImageEntry | None = None
    replicas: int | None = Field(default=None, ge=0, le=MOST_REPLICAS)
    """Number of pods. By default that of the file. Another number starts or ends pods, and may change the workload's
    quota."""

    resources: ResourcesEntry = ResourcesEntry()


class WorkloadEntry(Model):
    """One workload on one stack."""

    stand_in: bool = False
    """Whether every service runs as a public test image behind its own ports, probes, routes and policies, so that a
    platform can be proven before the first own image exists (docs/images.md). Turning it on or off brings new pods.
    Before it is turned off, their images and secrets have to exist."""

    services: dict[ServiceName, ServiceEntry] = Field(default_factory=dict[ServiceName, ServiceEntry])
    """What differs for some of the services, by name."""


def _by_name(given: Any) -> Any:
    """A list of names stands for entries in which nothing differs."""
    if isinstance(given, dict):
        return cast(dict[str, Any], given)
    if not isinstance(given, list):
        raise ValueError("expected a list of names, or a mapping by name")
    names = cast(list[Any], given)
    if wrong := [index for index, name in enumerate(names) if not isinstance(name, str)]:
        expected = "expected a name; to say more of workloads write a mapping by name, without hyphens"
        raise at(*((str(index), expected) for index in wrong))
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"{', '.join(twice)} more than once")
    return {name: {} for name in names}


Workloads = Annotated[dict[Name, WorkloadEntry], BeforeValidator(_by_name)]
"""Workloads by name."""
