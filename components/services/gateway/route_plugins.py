"""What a workload file says of the gateway's plugins that let requests through or refuse them, as Kong knows them.

https://docs.konghq.com/hub/ has each at length. The defaults here are the safe ones, where Kong's are not: credentials
go no further than the gateway, keys and tokens are not looked for in addresses, which end up in logs.
"""

import ipaddress
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from stacks.model import Distinct, Model, form

HeaderName = Annotated[str, form(r"[A-Za-z0-9_-]+", "a header's name, for example X-Api-Key")]
GroupName = Annotated[str, form(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "lower-case letters, digits and hyphens")]
Text = Annotated[str, Field(min_length=1, max_length=500)]


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
Headers = Annotated[tuple[HeaderName, ...], Distinct]
PERIODS = ("second", "minute", "hour", "day")


class PluginSpec(Model):
    """A plugin of a route."""

    def config(self) -> dict[str, Any]:
        """Kong's fields of it, as far as the workload file decides them."""
        raise NotImplementedError


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


class KeyAuth(PluginSpec):
    """Asks for a key of a consumer."""

    key_names: Headers = Field(default=("apikey",), min_length=1)
    """Headers that have the key."""

    key_in_query: bool = False
    """Whether a parameter of the address may have it: addresses end up in logs."""

    key_in_body: bool = False
    """Whether the body may have it."""

    hide_credentials: bool = True
    """Whether the key goes no further than the gateway."""

    run_on_preflight: bool = True
    """Whether an OPTIONS request needs a key as well. `cors` answers those of browsers before."""

    def config(self) -> dict[str, Any]:
        return {
            "key_names": list(self.key_names),
            "key_in_header": True,
            "key_in_query": self.key_in_query,
            "key_in_body": self.key_in_body,
            "hide_credentials": self.hide_credentials,
            "run_on_preflight": self.run_on_preflight,
        }


class BasicAuth(PluginSpec):
    """Asks for the user name and password of a consumer."""

    realm: Text = "service"
    """What a browser shows when it asks."""

    hide_credentials: bool = True
    """Whether the password goes no further than the gateway."""

    def config(self) -> dict[str, Any]:
        return {"realm": self.realm, "hide_credentials": self.hide_credentials}


class Jwt(PluginSpec):
    """Asks for a token that a consumer's issuer has signed. The token goes on to the service."""

    header_names: Headers = Field(default=("authorization",), min_length=1)
    """Headers that have the token, after `Bearer`."""

    cookie_names: Annotated[tuple[Text, ...], Distinct] = ()
    """Cookies that may have it."""

    uri_param_names: Annotated[tuple[Text, ...], Distinct] = ()
    """Parameters of the address that may have it: addresses end up in logs."""

    key_claim_name: Text = "iss"
    """The claim, or the field of the token's header, that names the issuer."""

    claims_to_verify: Annotated[tuple[Literal["exp", "nbf"], ...], Distinct] = ("exp",)
    """Times that are looked at: when the token ends, and when it begins."""

    maximum_expiration_seconds: int = Field(default=0, ge=0, le=31536000, validate_default=True)
    """Seconds from now that a token may be valid for at most; 0 is any."""

    secret_is_base64: bool = False
    """Whether the secrets of consumers are written in base64."""

    @field_validator("maximum_expiration_seconds")
    @classmethod
    def _looks_at_the_end(cls, seconds: int, info: ValidationInfo) -> int:
        if seconds and "exp" not in info.data.get("claims_to_verify", ("exp",)):
            raise ValueError("needs exp in claims_to_verify")
        return seconds

    def config(self) -> dict[str, Any]:
        return {
            "header_names": list(self.header_names),
            "cookie_names": list(self.cookie_names),
            "uri_param_names": list(self.uri_param_names),
            "key_claim_name": self.key_claim_name,
            "claims_to_verify": list(self.claims_to_verify),
            "maximum_expiration": self.maximum_expiration_seconds,
            "secret_is_base64": self.secret_is_base64,
        }


class Acl(PluginSpec):
    """Lets the groups of the workload's consumers through, or keeps them out. Needs a plugin that asks who it is."""

    allow: Annotated[tuple[GroupName, ...], Distinct] = ()
    deny: Annotated[tuple[GroupName, ...], Distinct] = ()
    hide_groups_header: bool = True
    """Whether the service is not told which groups the consumer is in."""

    @model_validator(mode="after")
    def _says_one_of_both(self) -> Self:
        if bool(self.allow) == bool(self.deny):
            raise ValueError("expected either allow or deny, with a group")
        return self

    def config(self) -> dict[str, Any]:
        return _given(allow=self.allow, deny=self.deny, hide_groups_header=self.hide_groups_header)


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
        return _given(allow=self.allow, deny=self.deny, status=self.status, message=self.message)


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


def _given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value, lists as Kong reads them."""
    return {
        name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in fields.items()
        if value not in (None, ())
    }
