"""The values that workload files are made of."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from stacks.model import Model, form

ServiceName = Annotated[
    str,
    form(
        r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?",
        "40 lower-case letters, digits and hyphens at most, starting with a letter and not ending with a hyphen",
    ),
]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
PortName = Annotated[
    str,
    form(
        r"(?=.{1,15}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "15 lower-case letters, digits and single hyphens at most, starting with a letter, for example http",
    ),
]
"""Stricter than a service name of RFC 6335 by its first letter, which a Service asks for."""
VariableName = Annotated[str, form(r"[A-Za-z_][A-Za-z0-9_]*", "a variable name such as LOG_FORMAT")]
HttpPath = Annotated[str, form(r"/.*", "a path such as /health")]
Tag = Annotated[str, form(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", "a tag such as 1.0.0")]
Digest = Annotated[str, form(r"sha256:[0-9a-f]{64}", "sha256: and 64 digits, 0 to 9 and a to f")]


class Resources(Model):
    """What each pod asks for. Memory is also its limit."""

    cpu: Annotated[str, form(r"(?=.*[1-9])[0-9]+(\.[0-9]+)?m?", "more than nothing, for example 250m")] = "50m"
    memory: Annotated[str, form(r"(?=.*[1-9])[0-9]+(Ki|Mi|Gi)", "more than nothing, for example 256Mi")] = "128Mi"


class Image(Model):
    """Which build of the service runs."""

    tag: Tag | None = None
    """Tag of the image."""

    digest: Digest | None = Field(default=None, validate_default=True)
    """Digest of the image. Wins over the tag."""

    @field_validator("digest")
    @classmethod
    def _is_one_build(cls, digest: str | None, info: ValidationInfo) -> str | None:
        if digest is None and info.data.get("tag", "") is None:
            raise ValueError("missing; a tag or a digest is needed")
        return digest
