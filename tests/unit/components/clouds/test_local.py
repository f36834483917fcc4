"""What a local stack has in place of a cloud."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract_check.custom_resources import check_custom_resource

from components.contracts import Demands, Foundation, ServiceAccount, WorkloadIdentity
from components.local.foundation import build_foundation
from components.services.workloads import load_workloads
from stacks.problems import SettingsError
from stacks.settings import parse
from tests.mock_engine import Deployed

TODO = ServiceAccount(namespace="todo", name="backend")


def stack(**changes: Any) -> Any:
    account = {"context": "kind-groundwork"}
    return parse({"cloud": "local", "environment": "dev", "domain": "acme.test", "account": account, **changes})


def delivered(deploy: Callable[..., Deployed], **changes: Any) -> tuple[Foundation, Deployed]:
    """The foundation, and what it registered."""
    built: list[Foundation] = []
    deployed = deploy(lambda: built.append(build_foundation(stack(**changes), Demands(principals=[TODO]))))
    return built[0], deployed


def test_it_needs_nothing_but_the_cluster(deploy: Callable[..., Deployed]):
    _, deployed = delivered(deploy)

    assert {type_.partition(":")[0] for type_ in deployed.types()} == {"groundwork", "kubernetes", "pulumi"}


def test_secrets_come_from_a_namespace_that_one_service_account_reads(deploy: Callable[..., Deployed]):
    _, deployed = delivered(deploy)

    assert deployed.named("secrets-namespace").inputs["metadata"]["name"] == "vault"
    role = deployed.only("kubernetes:rbac.authorization.k8s.io/v1:Role").inputs
    assert role["metadata"] == {"name": "reader", "namespace": "vault"}
    assert role["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}]
    binding = deployed.only("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding").inputs
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "reader", "namespace": "vault"}]


def test_the_secret_store_is_one_that_external_secrets_takes(deploy: Callable[..., Deployed]):
    secrets = delivered(deploy)[0].secrets

    assert secrets
    assert secrets.vault == "vault"
    assert secrets.provider["kubernetes"]["auth"] == {"serviceAccount": {"name": "reader", "namespace": "vault"}}
    assert len(secrets.reader.grants) == 1
    store = {"metadata": {"name": "vault"}, "spec": {"provider": secrets.provider}}
    assert check_custom_resource("kubernetes:external-secrets.io/v1:ClusterSecretStore", store, frozenset()) == []


@pytest.mark.parametrize("protect", [True, False])
def test_the_namespace_of_secrets_is_protected_where_the_stack_says_so(deploy: Callable[..., Deployed], protect: bool):
    _, deployed = delivered(deploy, protect=protect)

    assert deployed.named("secrets-namespace").protect is protect


def test_database_backups_have_nowhere_to_lie(deploy: Callable[..., Deployed]):
    store = delivered(deploy)[0].database_backups

    assert store
    assert (store.bucket, store.kind) == ("database-backups", "filesystem")
    assert not store.writers


def test_nobody_outside_finds_it_by_name(deploy: Callable[..., Deployed]):
    foundation, _ = delivered(deploy)

    assert foundation.dns is None
    assert foundation.capabilities.load_balancer_annotations == {}


def test_its_services_are_principals_of_no_cloud(deploy: Callable[..., Deployed]):
    assert delivered(deploy)[0].principals == {TODO: WorkloadIdentity(service_account=TODO)}


def test_no_workload_takes_the_namespace_of_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError) as raised:
        load_workloads(stack(workloads=["vault"]))

    assert raised.value.problems == (
        "workloads/vault.yaml: the namespace vault is there already; give the file another name",
    )
