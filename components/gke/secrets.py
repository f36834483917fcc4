"""Who reads the secrets of a GKE stack: those in its project's Secret Manager."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.contracts import SECRETS_READER, SecretStore, ServiceAccount, WorkloadIdentity
from components.gke.identity import GkeWorkloadPool
from components.secret_names import longer_prefixes, prefix

ACCESSOR = "roles/secretmanager.secretAccessor"
"""Reads values; lists, creates and changes no secret."""


@dataclass(frozen=True, kw_only=True)
class GkeSecretsArgs:
    pool: GkeWorkloadPool
    """Where the readers are principals."""

    principals: Sequence[ServiceAccount]
    """Service accounts that may read the secrets of their own workload, which is their namespace."""

    workloads: Sequence[str]
    """Every workload of the stack. The secrets of one whose name is longer are not those of a shorter one."""

    api: pulumi.Resource
    """The Secret Manager API, switched on: whoever reads waits for it."""

    resource_manager_api: pulumi.Resource
    """The Cloud Resource Manager API, switched on: grants on a project go through it."""


class GkeSecrets(pulumi.ComponentResource):
    """The grants on the project's secrets: all of them for External Secrets, its own for each workload."""

    def __init__(self, name: str, args: GkeSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:GkeSecrets", name, {}, opts)
        pool = args.pool
        waits = pulumi.ResourceOptions(parent=self, depends_on=[args.api, args.resource_manager_api, pool.cluster])

        def granted(
            grant: str, account: ServiceAccount, condition: gcp.projects.IAMMemberConditionArgs | None = None
        ) -> pulumi.Resource:
            return gcp.projects.IAMMember(
                f"{name}-{grant}",
                project=pool.project,
                role=ACCESSOR,
                member=pool.member(account),
                condition=condition,
                opts=waits,
            )

        self.reader = granted("reader", SECRETS_READER)
        self.principals: Mapping[ServiceAccount, pulumi.Resource] = {
            account: granted(
                f"{account.namespace}-{account.name}",
                account,
                gcp.projects.IAMMemberConditionArgs(
                    title=f"secrets-of-{account.namespace}",
                    expression=pool.project_number.apply(
                        lambda number, workload=account.namespace: own_secrets(number, workload, args.workloads)
                    ),
                ),
            )
            for account in args.principals
        }
        self.register_outputs({})


def own_secrets(project_number: str, workload: str, workloads: Sequence[str]) -> str:
    """The condition that holds for the secrets of `workload` alone.

    It is asked of names that have the project's number, not its id:
    https://cloud.google.com/iam/docs/conditions-resource-attributes#resource-name
    """

    def starts_with(start: str) -> str:
        return f'resource.name.startsWith("projects/{project_number}/secrets/{start}")'

    others = longer_prefixes(workload, workloads)
    return " && ".join([starts_with(prefix(workload)), *(f"!{starts_with(other)}" for other in others)])


def secret_store_provider(project: str) -> dict[str, Any]:
    """The `spec.provider` of an External Secrets store that reads as its own service account does.

    Without an `auth` block the pod's own identity counts:
    https://external-secrets.io/latest/provider/google-secrets-manager
    """
    return {"gcpsm": {"projectID": project}}


def secret_store(project: str, secrets: GkeSecrets) -> SecretStore:
    """The project's Secret Manager, as the platform knows it."""
    return SecretStore(
        vault=project,
        provider=secret_store_provider(project),
        reader=WorkloadIdentity(service_account=SECRETS_READER, grants=[secrets.reader]),
    )
