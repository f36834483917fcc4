"""Consumers of the gateway, and what they prove with that it is they.

Kong takes no reference to a Secret in a credential (kong/db/schema/entities and the daos of its plugins have no
`referenceable` field), so the file with the whole configuration is one. Here a credential has a place in that file, and
says where its value comes from; the value itself is put in where the file is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SharedAlgorithm = Literal["HS256", "HS384", "HS512"]
KeyPairAlgorithm = Literal["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"]


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A value that the program makes, long and random, and keeps encrypted in its state."""

    name: str
    """Which one of the consumer's: another name is another value."""


@dataclass(frozen=True, kw_only=True)
class FromVault:
    """A value that people put into the vault."""

    name: str
    """Its name in the vault."""


Source = Generated | FromVault


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key of `key-auth`. While there are two, either is taken: that is how one is replaced."""

    source: Source


@dataclass(frozen=True, kw_only=True)
class Password:
    """A name and password of `basic-auth`. One is replaced by a second, under another name."""

    username: str
    """Unique among the passwords of all consumers."""

    source: Source


@dataclass(frozen=True, kw_only=True)
class SharedToken:
    """Tokens of `jwt` that are signed with a secret, which Kong has as well."""

    issuer: str
    """What the tokens' `iss` claim says. Unique among the tokens of all consumers."""

    source: Source
    algorithm: SharedAlgorithm = "HS256"


@dataclass(frozen=True, kw_only=True)
class SignedToken:
    """Tokens of `jwt` that are signed with a private key, which nobody but their issuer has."""

    issuer: str
    """What the tokens' `iss` claim says. Unique among the tokens of all consumers."""

    public_key: str
    """In PEM. No secret."""

    algorithm: KeyPairAlgorithm = "RS256"


Token = SharedToken | SignedToken


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """Somebody who proves who they are."""

    username: str
    """Unique among all consumers."""

    groups: Sequence[str] = ()
    """What `acl` plugins know them by. Groups are those of the whole gateway: their names say whose they are."""

    keys: Sequence[Key] = ()
    passwords: Sequence[Password] = ()
    tokens: Sequence[Token] = ()
    tags: Sequence[str] = ()


def credential_sources(consumers: Sequence[Consumer]) -> dict[str, Source]:
    """Where the value of each credential comes from, by its place: `<consumer>/<kind>/<index>`."""
    return {place: source for consumer in consumers for place, source in _places(consumer)}


def consumer_record(consumer: Consumer, values: Mapping[str, str]) -> dict[str, Any]:
    """The consumer as Kong reads it. `values` has one for each place."""
    name = consumer.username
    records = {
        "acls": [{"group": group} for group in consumer.groups],
        "keyauth_credentials": [{"key": values[f"{name}/key/{index}"]} for index in range(len(consumer.keys))],
        "basicauth_credentials": [
            {"username": password.username, "password": values[f"{name}/password/{index}"]}
            for index, password in enumerate(consumer.passwords)
        ],
        "jwt_secrets": [
            _token_record(token, values.get(f"{name}/token/{index}")) for index, token in enumerate(consumer.tokens)
        ],
        "tags": list(consumer.tags),
    }
    return {"username": name, **{kind: found for kind, found in records.items() if found}}


def _token_record(token: Token, secret: str | None) -> dict[str, Any]:
    record: dict[str, Any] = {"key": token.issuer, "algorithm": token.algorithm}
    if isinstance(token, SignedToken):
        return {**record, "rsa_public_key": token.public_key}
    return {**record, "secret": secret}


def _places(consumer: Consumer) -> list[tuple[str, Source]]:
    kinds: dict[str, list[Source | None]] = {
        "key": [key.source for key in consumer.keys],
        "password": [password.source for password in consumer.passwords],
        "token": [token.source if isinstance(token, SharedToken) else None for token in consumer.tokens],
    }
    return [
        (f"{consumer.username}/{kind}/{index}", source)
        for kind, sources in kinds.items()
        for index, source in enumerate(sources)
        if source is not None
    ]
