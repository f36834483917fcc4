"""What a workload file says of a canary: another build of a service, which a share of its requests tries out."""

from collections.abc import Container, Mapping, Sequence
from typing import Annotated, Protocol

from pydantic import Field, ValidationInfo, field_validator

from components.services.values import Image, VariableName, VariableValue
from stacks.model import Model, form

HeaderName = Annotated[str, form(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", "a header in lower case, for example x-beta")]
HeaderValue = Annotated[str, form(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}", "a value without spaces, quotes and backslashes")]


class Rollback(Model):
    """When a canary is taken back by itself. It stays so until its image in the workload file is another one."""

    errors_percent: float = Field(default=5, gt=0, lt=100)
    """Share of its answers with a status of 500 or more above which it is taken back, in percent."""

    for_minutes: int = Field(default=5, ge=1, le=60)
    """Minutes that the share is measured over."""

    min_requests: int = Field(default=20, ge=1)
    """Fewest requests in that time: one error of two requests says nothing."""


class Canary(Model):
    """Another build of the service. It is the same service in all else: name, secrets, identity, ports, probes."""

    image: Image
    weight: int = Field(default=10, ge=0, le=100)
    """Percent of the requests through the gateway that it gets, at random, however many pods it has."""

    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict[HeaderName, HeaderValue], validate_default=True)
    """Whoever sends all of these headers with these values gets it in any case: a test A against B, or a look at it by
    those who made it. With `weight: 0` nobody else does."""

    env: dict[VariableName, VariableValue] = Field(default_factory=dict[VariableName, VariableValue])
    """Variables that differ from those of the service."""

    replicas: int = Field(default=1, ge=1, le=100)
    """Its pods. Whatever happens to them, the service's own stand in."""

    rollback: Rollback | None = Rollback()
    """When it is taken back by itself; `null` for never."""

    @field_validator("headers")
    @classmethod
    def _somebody_gets_it(cls, headers: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
        if not headers and info.data.get("weight") == 0:
            raise ValueError("missing; with weight: 0 nobody would get it")
        return headers

    def problems(self, *, routed: bool, dapr: bool, secrets: Container[str]) -> list[tuple[str, str]]:
        """What is wrong with it on a service: key path, and text.

        `routed` says whether the service has routes, `dapr` whether its pods have a sidecar; `secrets` are those of its
        variables that come from the vault.
        """
        found = [(f"env.{name}", "has its value from the vault") for name in self.env if name in secrets]
        if not routed:
            found.append(("", "the service has no routes: only requests through the gateway can be shared out"))
        if dapr:
            found.append(
                (
                    "",
                    "not with dapr: under the same app-id Dapr would share out calls and messages too, and under"
                    " another it would deliver each message twice",
                )
            )
        return found


class _Service(Protocol):
    @property
    def routes(self) -> Sequence[object]: ...

    @property
    def canary(self) -> Canary | None: ...


def name_problems(services: Mapping[str, _Service]) -> list[tuple[str, str]]:
    """Services whose names another one takes: key path, and text."""
    taken = {
        **{f"{name}-pods": f"has the addresses of the pods of {name}" for name, one in services.items() if one.routes},
        **{f"{name}-canary": f"is the canary of {name}" for name, one in services.items() if one.canary is not None},
    }
    return [(name, f"{taken[name]}; give the service another name") for name in services if name in taken]
