"""Secrets of the cluster whose values are in the vault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.platform.secret_store import STORE

PATIENCE: Final = "5m"
"""How long a value is waited for. Grants of a cloud take up to some minutes until they work."""


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The cluster's way to the vault, for whoever makes Secrets of what is in it."""

    field: str | None
    """The field of a secret that holds its value; none in a vault whose secrets are one value each."""

    refresh_minutes: int
    """Minutes between two looks at a value."""

    ready: Sequence[pulumi.Resource]
    """The store, and the policy that guards it."""


def vault_secret(
    name: str,
    vault: Vault,
    *,
    secret: str,
    namespace: str,
    values: Mapping[str, str],
    exists: pulumi.Resource,
    parent: pulumi.Resource,
) -> kubernetes.apiextensions.CustomResource:
    """An ExternalSecret, done once the Secret is there.

    `secret` is the name of both, in a `namespace` that `exists`; `values` says by key of the Secret what the secret in
    the vault is called. One that nobody has put there fails the update after some minutes, and is named in an event.
    """
    return kubernetes.apiextensions.CustomResource(
        name,
        api_version="external-secrets.io/v1",
        kind="ExternalSecret",
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=secret, namespace=namespace, annotations={"pulumi.com/waitFor": "condition=Ready"}
        ),
        spec=external_secret_spec(vault, secret, values),
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[exists, *vault.ready],
            custom_timeouts=pulumi.CustomTimeouts(create=PATIENCE, update=PATIENCE),
        ),
    )


def external_secret_spec(vault: Vault, secret: str, values: Mapping[str, str]) -> dict[str, Any]:
    """What is brought from the vault, and kept where the vault has it no more."""
    field = {"property": vault.field} if vault.field is not None else {}
    return {
        "refreshInterval": f"{vault.refresh_minutes}m",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
        "target": {"name": secret, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [{"secretKey": key, "remoteRef": {"key": remote, **field}} for key, remote in values.items()],
    }
