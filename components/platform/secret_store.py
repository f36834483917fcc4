"""The store that the cluster's values come from, and who may ask it for which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import SECRETS_READER, SecretStore
from components.namespaces import GATEWAY
from components.secret_names import longer_prefixes
from stacks.secrets import HashiCorpVault

STORE = "vault"
"""Name of the ClusterSecretStore."""

POLICY = "secrets-of-other-workloads"
"""Name of the policy and of its binding."""

VALUE = "value"
"""The field of a secret that holds its value, where a secret of the vault has fields."""


@dataclass(frozen=True, kw_only=True)
class VaultStoreArgs:
    secrets: SecretStore
    """The cloud's vault."""

    vault: HashiCorpVault | None
    """The vault to read in its place."""

    workloads: Sequence[str]
    """The workloads of the stack. Each reads secrets whose names begin with its own."""

    release: pulumi.Resource
    """The release of External Secrets, whose webhook admits stores."""


class VaultStore(pulumi.ComponentResource):
    """The one ClusterSecretStore, and the policy that keeps each workload to its own secrets."""

    def __init__(self, name: str, args: VaultStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:VaultStore", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        store = kubernetes.apiextensions.CustomResource(
            f"{name}-store",
            api_version="external-secrets.io/v1",
            kind="ClusterSecretStore",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=STORE),
            spec={
                "provider": provider(args.secrets, args.vault),
                # A store that lists no namespace is open to all of them.
                "conditions": [{"namespaces": [GATEWAY, *sorted(args.workloads)]}],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.release, *args.secrets.reader.grants]),
        )
        policy = kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
            f"{name}-policy",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=POLICY),
            spec=policy_spec(args.workloads),
            opts=child,
        )
        binding = kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            f"{name}-policy-binding",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=POLICY),
            spec=kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpecArgs(
                policy_name=POLICY, validation_actions=["Deny"]
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.ready = (store, binding)
        """What external secrets wait for."""

        self.register_outputs({})


def provider(secrets: SecretStore, vault: HashiCorpVault | None) -> Mapping[str, Any]:
    """The `spec.provider` of the store."""
    return secrets.provider if vault is None else vault_provider(vault)


def field_of_value(secrets: SecretStore, vault: HashiCorpVault | None) -> str | None:
    """The field of a secret that holds its value; none in vaults whose secrets are one value."""
    return secrets.field if vault is None else VALUE


def vault_provider(vault: HashiCorpVault) -> dict[str, Any]:
    """A HashiCorp Vault, whose method `kubernetes` believes the cluster about the service account of External Secrets.

    https://external-secrets.io/latest/provider/hashicorp-vault/#kubernetes-authentication
    """
    account = {"name": SECRETS_READER.name, "namespace": SECRETS_READER.namespace}
    login = {"mountPath": vault.auth_mount, "role": vault.role, "serviceAccountRef": account}
    found: dict[str, Any] = {
        "server": vault.address,
        "path": vault.path,
        "version": "v2",
        "auth": {"kubernetes": login},
    }
    if vault.namespace is not None:
        found["namespace"] = vault.namespace
    if vault.ca_bundle is not None:
        found["caBundle"] = vault.ca_bundle
    return {"vault": found}


def policy_spec(workloads: Sequence[str]) -> kubernetes.admissionregistration.v1.ValidatingAdmissionPolicySpecArgs:
    """Refuses what asks the store for secrets of another workload, whoever made it.

    The gateway's namespace is left out: nobody but the platform writes there, and credentials of all workloads'
    consumers are checked in it.
    """
    v1 = kubernetes.admissionregistration.v1
    return v1.ValidatingAdmissionPolicySpecArgs(
        failure_policy="Fail",
        match_constraints=v1.MatchResourcesArgs(
            namespace_selector=kubernetes.meta.v1.LabelSelectorArgs(
                match_expressions=[
                    kubernetes.meta.v1.LabelSelectorRequirementArgs(
                        key="kubernetes.io/metadata.name", operator="NotIn", values=[GATEWAY]
                    )
                ]
            ),
            resource_rules=[
                v1.NamedRuleWithOperationsArgs(
                    api_groups=["external-secrets.io"],
                    api_versions=["*"],
                    operations=["CREATE", "UPDATE"],
                    resources=["externalsecrets"],
                )
            ],
        ),
        validations=[
            v1.ValidationArgs(
                expression=f"!has(object.spec.data) || object.spec.data.all(one, {own_key(workloads)})",
                message="a workload reads secrets of the vault whose names begin with its own name and a hyphen",
            ),
            v1.ValidationArgs(
                expression="!has(object.spec.dataFrom) || object.spec.dataFrom.size() == 0",
                message="secrets of the vault are read by name, one by one: spec.data",
            ),
        ],
    )


def own_key(workloads: Sequence[str]) -> str:
    """The condition, in CEL, that the secret which `one` asks for is its workload's: the namespace's.

    No name has a slash: HashiCorp's client joins a key to its path, and `todo-/../other` would be `other`.
    https://github.com/hashicorp/vault/blob/api/v1.22.0/api/client.go (NewRequest)
    """
    own = "one.remoteRef.key.startsWith(object.metadata.namespace + '-') && !one.remoteRef.key.contains('/')"
    others = {workload: found for workload in sorted(workloads) if (found := longer_prefixes(workload, workloads))}
    return " && ".join(
        [
            own,
            *(
                f"!(object.metadata.namespace == '{workload}' && one.remoteRef.key.startsWith('{other}'))"
                for workload, prefixes in others.items()
                for other in prefixes
            ),
        ]
    )
