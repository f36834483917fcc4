"""What a workload file says of the gateway's plugins that refuse requests, whoever sends them, as Kong knows them."""

import ipaddress
import re
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.services.gateway.plugin_model import HeaderName, PluginSpec, Text, given
from stacks.model import Distinct


def _block(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("expected an address or a block, for example 203.0.113.0/24") from None
    return text


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


Block = Annotated[str, AfterValidator(_block)]
Regex = Annotated[str, Field(min_length=1), AfterValidator(_regex)]
PERIODS = ("second", "minute", "hour", "day")


class RateLimiting(PluginSpec):
    """How many requests are let through. Whoever sends more gets 429, and headers that say when to come back."""

    per_second: int | None = Field(default=None, ge=1)
    per_minute: int | None = Field(default=None, ge=1)
    per_hour: int | None = Field(default=None, ge=1)
    per_day: int | None = Field(default=None, ge=1)
    limit_by: Literal["consumer", "credential", "ip", "service", "header"] = "consumer"
    """Who has a count of their own. Requests without a consumer, credential or header count by the client's address."""

    header_name: HeaderName | None = None
    """The header, where requests are counted by one."""

    policy: Literal["redis", "local"] = "redis"
    """`redis`: the replicas of the gateway count together, where there are several. `local`: each by itself, so that up
    to as many times the requests pass as there are replicas."""

    fault_tolerant: bool = True
    """Whether requests pass uncounted while the counters cannot be reached; else they get 500."""

    hide_client_headers: bool = False
    """Whether answers leave out how much is left of the limit."""

    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        limits = self.limits
        if not limits:
            raise ValueError("expected per_second, per_minute, per_hour or per_day")
        for (shorter, few), (longer, many) in pairwise(limits.items()):
            if many < few:
                raise ValueError(
                    f"per_{longer} ({many}) is less than per_{shorter} ({few}), which it would never allow"
                )
        if (self.limit_by == "header") != (self.header_name is not None):
            raise ValueError("limit_by: header and header_name go together")
        return self

    @property
    def limits(self) -> dict[str, int]:
        """The limits that there are, by period, the shortest first."""
        known = {period: getattr(self, f"per_{period}") for period in PERIODS}
        return {period: limit for period, limit in known.items() if limit is not None}

    def config(self) -> dict[str, Any]:
        return {
            **self.limits,
            "limit_by": self.limit_by,
            **({"header_name": self.header_name} if self.header_name else {}),
            "policy": "local",
            "fault_tolerant": self.fault_tolerant,
            "hide_client_headers": self.hide_client_headers,
            "error_code": 429,
        }


class IpRestriction(PluginSpec):
    """Lets addresses through, or keeps them out: those of clients, as the load balancer tells them."""

    allow: Annotated[tuple[Block, ...], Distinct] = ()
    deny: Annotated[tuple[Block, ...], Distinct] = ()
    status: int = Field(default=403, ge=400, le=599)
    message: Text | None = None

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if not (self.allow or self.deny):
            raise ValueError("expected allow or deny, with an address")
        return self

    def config(self) -> dict[str, Any]:
        return given(allow=self.allow, deny=self.deny, status=self.status, message=self.message)


class BotDetection(PluginSpec):
    """Refuses programs by their User-Agent: those that Kong knows, less `allow`, and `deny`."""

    allow: tuple[Regex, ...] = ()
    """Regular expressions of User-Agents that are let through."""

    deny: tuple[Regex, ...] = ()
    """Regular expressions of further ones that are not."""

    def config(self) -> dict[str, Any]:
        return {"allow": list(self.allow), "deny": list(self.deny)}


class RequestSizeLimiting(PluginSpec):
    """Refuses a larger body with 413."""

    max_kib: int = Field(ge=1, le=1024 * 1024)
    """Largest body, in KiB."""

    require_content_length: bool = False
    """Whether the size has to be said beforehand, which a stream does not do."""

    def config(self) -> dict[str, Any]:
        return {
            "allowed_payload_size": self.max_kib,
            "size_unit": "kilobytes",
            "require_content_length": self.require_content_length,
        }
