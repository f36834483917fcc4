"""What the destruction of a stack leaves: what no cloud and no chart ever deletes, and what should not be there."""

from rehearsal.providers.inventory import Resource
from tests.engine.rehearsals import Rehearsal

STAYS = {
    # Google's rules: APIs stay on (disableOnDestroy is false), key rings and keys cannot be deleted, a service agent
    # and a workload identity pool belong to the project and not to what first made use of them.
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:kms/keyRing:KeyRing",
    "gcp:projects/service:Service",
    "gcp:projects/serviceIdentity:ServiceIdentity",
    # What a Cloud SQL instance stood on is kept for up to a week: cloud.google.com/sql/docs/postgres/delete-instance
    "gcp:sql/databaseInstance:DatabaseInstance",
    # Oracle's: vaults and keys are only scheduled for deletion, a week ahead or more.
    "oci:Kms/key:Key",
    "oci:Kms/vault:Vault",
    # Azure's: a deleted vault can be brought back for 90 days, which purge protection, once on, makes certain.
    "azure-native:keyvault:Vault",
}

KEPT_DEFINITIONS = ("cert-manager.io", "cnpg.io", "percona.com", "strimzi.io", "velero.io")
"""What charts leave in a cluster that is not the stack's own, as everything of these kinds would go along: Helm removes
nothing of `crds/` (Strimzi, Percona, Velero), and cert-manager and CloudNativePG annotate theirs with "keep"."""


def left_behind(rehearsal: Rehearsal) -> list[str]:
    """What is there that should have gone, as type and id."""
    return [
        f"{resource.type} {resource.id}"
        for resource in rehearsal.inventory()
        if not _is_kept_definition(resource) and not (resource.retained and (resource.owner or resource.type in STAYS))
    ]


def _is_kept_definition(resource: Resource) -> bool:
    return resource.type.endswith(":CustomResourceDefinition") and resource.name.endswith(KEPT_DEFINITIONS)
