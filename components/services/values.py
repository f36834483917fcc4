"""The values that workload files are made of."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from stacks.model import Model, form
from stacks.workloads import Cpu, Digest, Memory, Tag

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
VariableValue = Annotated[str, form(r"[^\x00]*", "text without the character 0, which ends a variable")]
_PATH = r"(?![^?]*//)/([A-Za-z0-9._~/:@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
PlainPath = Annotated[
    str, form(_PATH, "a path such as /health, with other characters as % and two digits, and no // or ? in it")
]
"""What Kong asks pods for: kong/db/schema/typedefs.lua, `path`."""
HttpPath = Annotated[
    str,
    form(
        rf"{_PATH}(\?([A-Za-z0-9._~/?:@!$&'()*+,;=-]|%[0-9A-Fa-f]{{2}})*)?",
        "a path such as /health or /health?full=true, with other characters as % and two digits, and no // in it",
    ),
]
"""What somebody requests by HTTP: https://www.rfc-editor.org/rfc/rfc3986#section-3.3"""
CommandWord = Annotated[str, form(r"[^\x00]+", "a word of a command, with something in it")]
ImageRepository = Annotated[
    str,
    form(
        r"(?=.{1,200}$)(?![^/]*\.[^/]*/)[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*",
        "a name in the stack's registry, in lower case and without its host and a tag, for example todo/backend",
    ),
]


class Resources(Model):
    """What each pod asks for. Memory is also its limit."""

    cpu: Cpu = "50m"
    memory: Memory = "128Mi"


class Image(Model):
    """Which build of the service runs."""

    repository: ImageRepository | None = None
    """What the image is called in the stack's registry; `<workload>/<service>`, if not given."""

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

    def name(self, workload: str, service: str) -> str:
        """What the image of a service is called in the stack's registry."""
        return self.repository or f"{workload}/{service}"
