"""The cluster's own authority, as whoever asks it for a certificate names it (`components/platform/issuers.py`)."""

from collections.abc import Mapping
from typing import Final

OWN_CA: Final = "own-ca"
"""Its ClusterIssuer, and the Secret with its key beside cert-manager."""

ISSUER_REF: Mapping[str, str] = {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": OWN_CA}
"""The `issuerRef` of its certificates."""
