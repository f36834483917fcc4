"""What a workload file says of those who use its routes, and of what they prove with that it is they."""

import base64
import binascii
import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from components.platform.gateway_credentials import (
    FromVault,
    Generated,
    KeyPairAlgorithm,
    SharedAlgorithm,
    SharedToken,
    SignedToken,
    Source,
    Token,
)
from components.services.gateway.authentication_plugins import GroupName
from stacks.model import Distinct, Model, at, form

ConsumerName = Annotated[
    str, form(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", "40 lower-case letters, digits and hyphens at most")
]
CredentialName = Annotated[
    str, form(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "lower-case letters, digits and hyphens, such as mobile-key")
]

_PEM = re.compile(r"\s*-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*")


def _public_key(text: str) -> str:
    if "PRIVATE KEY" in text:
        raise ValueError("a private key, which nobody but the issuer may have; expected the public one")
    found = _PEM.fullmatch(text)
    if found is None:
        raise ValueError("expected a public key in PEM, from -----BEGIN PUBLIC KEY----- on")
    try:
        base64.b64decode("".join(found[1].split()), validate=True)
    except binascii.Error:
        raise ValueError("the lines of the key are no base64") from None
    return text


PublicKey = Annotated[str, AfterValidator(_public_key)]


class CredentialSpec(Model):
    """Where the value of a credential comes from: one of both."""

    generated: CredentialName | None = None
    """A value that is made here, and kept encrypted in the stack's state. Any name; another one makes another value."""

    vault: CredentialName | None = None
    """A value that people put into the cloud's vault, as `<workload>-<vault>`."""

    def problem(self) -> str | None:
        """What is wrong with it as a whole."""
        return None if (self.generated is None) != (self.vault is None) else "expected either generated or vault"

    def source(self, workload: str) -> Source:
        """Where its value comes from, as the gateway knows it."""
        if self.vault is not None:
            return FromVault(name=f"{workload}-{self.vault}")
        return Generated(name=self.generated or "")


class KeySpec(CredentialSpec):
    """A key for `key-auth`. While there are two either is taken: that is how one is replaced."""

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        if problem := self.problem():
            raise ValueError(problem)
        return self


class PasswordSpec(KeySpec):
    """A user name and password for `basic-auth`."""

    username: CredentialName | None = None
    """The user name; `<workload>.<consumer>`, if not given. Unique in the stack."""


class TokenSpec(CredentialSpec):
    """Tokens for `jwt`: signed with a secret that is generated or in the vault, or with a key pair."""

    issuer: Annotated[str, Field(min_length=1, max_length=200)]
    """What the `iss` claim says. Unique in the stack."""

    algorithm: SharedAlgorithm | KeyPairAlgorithm = "RS256"
    """How tokens are signed; those that begin with HS have a secret, which the gateway has to know."""

    public_key: PublicKey | None = None
    """The issuer's public key in PEM, for every algorithm that does not begin with HS. It is no secret."""

    @model_validator(mode="after")
    def _is_signed_one_way(self) -> Self:
        if self.algorithm not in ("HS256", "HS384", "HS512"):
            if self.public_key is None:
                raise at(("public_key", f"missing; {self.algorithm} is checked with it"))
            if self.generated is not None or self.vault is not None:
                raise ValueError(f"the public key is all that checks {self.algorithm}; leave out generated and vault")
            return self
        if self.public_key is not None:
            raise at(("public_key", f"{self.algorithm} has a secret, and no key pair"))
        if problem := self.problem():
            raise ValueError(problem)
        return self

    def token(self, workload: str) -> Token:
        """The tokens, as the gateway knows them."""
        if self.algorithm in ("HS256", "HS384", "HS512"):
            return SharedToken(issuer=self.issuer, source=self.source(workload), algorithm=self.algorithm)
        return SignedToken(issuer=self.issuer, public_key=self.public_key or "", algorithm=self.algorithm)


class ConsumerSpec(Model):
    """Somebody who may use routes that ask who it is."""

    groups: Annotated[tuple[GroupName, ...], Distinct] = ()
    """Groups that `acl` of the workload's routes lets through, or keeps out."""

    keys: tuple[KeySpec, ...] = ()
    passwords: tuple[PasswordSpec, ...] = ()
    tokens: tuple[TokenSpec, ...] = ()

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if not (self.keys or self.passwords or self.tokens):
            raise ValueError("no credentials; expected keys, passwords or tokens")
        names = [one.username for one in self.passwords]
        if len(set(names)) < len(names):
            raise at(("passwords", "each needs a user name of its own"))
        sources = [(one.generated, one.vault) for one in (*self.keys, *self.passwords) if one.generated or one.vault]
        if len(set(sources)) < len(sources):
            raise ValueError("two keys or passwords have the same source, and would be the same")
        return self
