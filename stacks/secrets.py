"""Where the values come from that people keep out of the code, and how often they are looked at."""

import base64
import binascii
import ssl
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.model import Model, form
from stacks.observability import HttpsUrl


def _certificates(text: str) -> str:
    """Only what the TLS library takes for certificates."""
    try:
        ssl.create_default_context().load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError, binascii.Error):
        raise ValueError("no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----") from None
    return text


Pem = Annotated[str, AfterValidator(_certificates)]
"""One certificate or several, in PEM."""

VaultPath = Annotated[
    str,
    form(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*", "a path without a slash first or last, for example secret"),
]


class HashiCorpVault(Model):
    """A HashiCorp Vault that somebody else runs, in place of the cloud's vault (docs/secrets.md).

    External Secrets logs in by its own service account: there is no token to keep.
    """

    address: HttpsUrl
    """Where it answers, for example https://vault.example.com:8200. The cluster's pods have to reach it."""

    path: VaultPath = "secret"
    """Where the key-value engine, version 2, is mounted."""

    auth_mount: VaultPath = "kubernetes"
    """Where the auth method `kubernetes` of this cluster is mounted."""

    role: Annotated[str, Field(min_length=1, max_length=128)]
    """Role of that method, bound to the service account `external-secrets` of the namespace `external-secrets`."""

    namespace: VaultPath | None = None
    """Namespace inside the Vault, where it has some."""

    ca: Pem | None = None
    """Authority of its certificate, in PEM; one that every client trusts, if not given."""

    @property
    def ca_bundle(self) -> str | None:
        """The authority as objects of the API carry it."""
        return base64.b64encode(self.ca.encode()).decode() if self.ca else None


class Secrets(Model):
    """The values that services and the gateway get from a vault."""

    refresh_minutes: int = Field(default=60, ge=1, le=1440)
    """Minutes after which a value that was changed in the vault is in the cluster at the latest. Every look is a
    request, for each secret, which vaults charge for."""

    vault: HashiCorpVault | None = None
    """A HashiCorp Vault to read instead of the cloud's vault. What services read by their own identity
    (`cloud_identity`) stays in the cloud's."""
