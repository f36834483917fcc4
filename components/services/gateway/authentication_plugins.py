"""What a workload file says of the gateway's plugins that ask who sends a request, as Kong knows them."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from components.services.gateway.plugin_model import Headers, PluginSpec, Text, given
from stacks.model import Distinct, form

GroupName = Annotated[str, form(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "lower-case letters, digits and hyphens")]


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
        return given(allow=self.allow, deny=self.deny, hide_groups_header=self.hide_groups_header)
