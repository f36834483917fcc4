"""Databases that the cloud runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi


@dataclass(frozen=True, kw_only=True)
class ManagedPostgres:
    """PostgreSQL as the cloud runs it, reached from the stack's network alone."""

    host: pulumi.Input[str]
    """Name or address of the primary."""

    port: int

    username: pulumi.Input[str]
    """The administrator, who creates databases and their users."""

    password: pulumi.Input[str]
    """The administrator's password. Generated, and a secret since then."""

    ssl_mode: Literal["verify-full", "verify-ca"]
    """The strictest `sslmode` of a client that the server passes: `verify-full` where its certificate has the name in
    `host`, else `verify-ca`. https://www.postgresql.org/docs/current/libpq-ssl.html"""

    server_ca: pulumi.Input[str] | None = None
    """Authority of the server's certificate, in PEM; one that every client trusts, if not given."""

    ready: Sequence[pulumi.Resource]
    """What has to be there before a client connects."""
