"""Values that people keep out of the code: the way from the vault into Secrets of the cluster."""

from collections.abc import Sequence

from components.contracts import SECRETS_READER, SecretStore
from components.namespaces import RELOADER
from components.platform.base import Base
from components.platform.external_secrets import ExternalSecrets, ExternalSecretsArgs
from components.platform.reloader import Reloader, ReloaderArgs
from components.platform.secret_store import VaultStore, VaultStoreArgs, field_of_value
from components.platform.vault_secret import Vault


def build_secrets(base: Base, secrets: SecretStore, workloads: Sequence[str]) -> Vault:
    """Registers what reads the vault, and what restarts pods when a value has changed.

    `workloads` are all of the stack: each reads its own secrets.
    """
    settings = base.stack.secrets
    controller = ExternalSecrets(
        "external-secrets",
        ExternalSecretsArgs(
            reader=secrets.reader,
            high_availability=base.stack.high_availability,
            namespace=base.namespaces[SECRETS_READER.namespace],
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    store = VaultStore(
        "vault",
        VaultStoreArgs(secrets=secrets, vault=settings.vault, workloads=workloads, release=controller.release),
        base.opts,
    )
    Reloader(
        "reloader",
        ReloaderArgs(
            high_availability=base.stack.high_availability,
            namespace=base.namespaces[RELOADER],
            pod_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    return Vault(
        field=field_of_value(secrets, settings.vault), refresh_minutes=settings.refresh_minutes, ready=store.ready
    )
