"""Who vouches for the hosts of a stack."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from stacks.model import Model, form
from stacks.observability import HttpsUrl

Issuer = Literal["letsencrypt", "letsencrypt-staging", "acme", "own-ca"]

Email = Annotated[
    str,
    form(
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}",
        "an e-mail address, for example platform@example.com",
    ),
]


class Tls(Model):
    """Where the certificate of the gateway comes from."""

    issuer: Issuer
    """Who issues it: Let's Encrypt, its staging authority, which no browser trusts and which limits nobody, another one
    that speaks ACME, or an authority of the cluster's own. By environment: dev letsencrypt-staging, else letsencrypt; a
    local stack own-ca, the only one there. Another one issues the certificate anew; until it has, the old one stays."""

    email: Email | None = None
    """Where the authority writes to when it has to revoke a certificate. Let's Encrypt asks for none."""

    acme_server: HttpsUrl | None = Field(default=None, validate_default=True)
    """Directory of the authority where `issuer` is acme, for example https://acme.example.com/directory. One that wants
    to know its users beforehand, by a key that it hands out, is not for this."""

    @field_validator("acme_server")
    @classmethod
    def _belongs_to_acme(cls, server: str | None, info: ValidationInfo) -> str | None:
        issuer = info.data.get("issuer")
        if issuer == "acme" and server is None:
            raise ValueError("missing; issuer: acme needs the address of the authority's directory")
        if server is not None and issuer not in (None, "acme"):
            raise ValueError(f"only for issuer: acme, which {issuer} is not")
        return server
