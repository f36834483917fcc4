"""The store that values come from, which secrets each workload may ask it for, and what brings them."""

import base64
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract_check.check import check_resource
from contract_check.custom_resources import check_custom_resource
from pydantic import TypeAdapter

from components.contracts import SECRETS_READER, SecretStore, WorkloadIdentity
from components.platform.external_secrets import ExternalSecrets, ExternalSecretsArgs
from components.platform.reloader import Reloader, ReloaderArgs
from components.platform.secret_store import VaultStore, VaultStoreArgs, field_of_value
from components.releases import ChartSource
from components.restarts import restarts
from components.services.model import parse_workload
from components.services.service_secrets import vault_names
from stacks.problems import SettingsError, validated
from stacks.secrets import HashiCorpVault, Secrets
from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan, plan
from tests.secrets_guide import vault_settings, workload
from tests.unit.components.bare_platform import Prerequisite

RELEASE = "kubernetes:helm.sh/v3:Release"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret"
POLICY = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
BINDING = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"

IDENTITY = WorkloadIdentity(
    service_account=SECRETS_READER,
    annotations={"azure.workload.identity/client-id": "client"},
    pod_labels={"azure.workload.identity/use": "true"},
    env={"OCI_RESOURCE_PRINCIPAL_VERSION": "2.2"},
)
CLOUD = SecretStore(vault="acme-dev", provider={"gcpsm": {"projectID": "acme-dev"}}, reader=IDENTITY)
VAULT = HashiCorpVault(address="https://vault.example.com:8200", role="groundwork")


@pytest.fixture
def controller(deploy: Callable[..., Deployed]) -> Callable[..., Mapping[str, Any]]:
    def values(**changes: Any) -> Mapping[str, Any]:
        def program() -> None:
            wait = Prerequisite("wait")
            args = ExternalSecretsArgs(
                reader=IDENTITY,
                high_availability=False,
                namespace=wait,
                service_monitors=wait,
                nodes=[wait],
                charts=ChartSource(),
            )
            ExternalSecrets("external-secrets", replace(args, **changes))

        inputs = deploy(program).only(RELEASE).inputs
        assert check_resource(RELEASE, inputs) == []
        return inputs["values"]

    return values


@pytest.fixture
def store(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(vault: HashiCorpVault | None = None, workloads: Sequence[str] = ("todo",)) -> Deployed:
        def program() -> None:
            args = VaultStoreArgs(secrets=CLOUD, vault=vault, workloads=workloads, release=Prerequisite("release"))
            VaultStore("vault", args)

        return deploy(program)

    return deployed


def test_the_controller_is_who_may_read_the_vault(controller: Callable[..., Mapping[str, Any]]):
    values = controller()

    assert values["serviceAccount"] == {
        "name": "external-secrets",
        "annotations": {"azure.workload.identity/client-id": "client"},
    }
    assert values["podLabels"] == {"azure.workload.identity/use": "true"}
    assert values["extraEnv"] == [{"name": "OCI_RESOURCE_PRINCIPAL_VERSION", "value": "2.2"}]


def test_it_writes_into_no_vault_and_edits_of_a_namespace_make_no_external_secrets(
    controller: Callable[..., Mapping[str, Any]],
):
    values = controller()

    assert [values[f"process{kind}"] for kind in ("PushSecret", "ClusterPushSecret", "ClusterExternalSecret")] == [
        False,
        False,
        False,
    ]
    assert values["crds"]["createPushSecret"] is False
    assert (values["rbac"]["aggregateToEdit"], values["rbac"]["aggregateToAdmin"]) == (False, False)


@pytest.mark.parametrize(("available", "replicas"), [(False, 1), (True, 2)])
def test_every_part_runs_twice_where_the_stack_does(
    controller: Callable[..., Mapping[str, Any]], available: bool, replicas: int
):
    values = controller(high_availability=available)

    assert [part["replicaCount"] for part in (values, values["webhook"], values["certController"])] == [replicas] * 3
    assert values["leaderElect"] is available
    assert ("podDisruptionBudget" in values) is available


def test_the_webhook_listens_where_every_control_plane_may_call(controller: Callable[..., Mapping[str, Any]]):
    assert controller()["webhook"]["port"] == 10250


def test_the_store_is_the_clouds_and_open_to_the_workloads_alone(store: Callable[..., Deployed]):
    spec = store(workloads=["todo", "shop"]).only(STORE).inputs["spec"]

    assert spec == {
        "provider": {"gcpsm": {"projectID": "acme-dev"}},
        "conditions": [{"namespaces": ["gateway", "shop", "todo"]}],
    }


def test_a_vault_of_the_users_own_takes_its_place_without_a_token(store: Callable[..., Deployed]):
    inputs = store(vault=VAULT).only(STORE).inputs

    account = {"name": "external-secrets", "namespace": "external-secrets"}
    login = {"mountPath": "kubernetes", "role": "groundwork", "serviceAccountRef": account}
    assert inputs["spec"]["provider"] == {
        "vault": {
            "server": "https://vault.example.com:8200",
            "path": "secret",
            "version": "v2",
            "auth": {"kubernetes": login},
        }
    }
    assert field_of_value(CLOUD, VAULT) == "value"
    assert field_of_value(CLOUD, None) is None


def test_its_authority_and_namespace_are_told(store: Callable[..., Deployed], tmp_path: Path):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    key, ca = tmp_path / "key.pem", tmp_path / "ca.pem"
    subprocess.run([*command, "-keyout", key, "-out", ca, "-subj", "/CN=ca"], check=True, capture_output=True)
    found = store(vault=VAULT.model_copy(update={"ca": ca.read_text(), "namespace": "team"})).only(STORE).inputs

    provider = found["spec"]["provider"]["vault"]
    assert provider["namespace"] == "team"
    assert base64.b64decode(provider["caBundle"]).decode() == ca.read_text()
    assert check_custom_resource(STORE, found, frozenset()) == []
    assert Secrets.model_validate({"vault": {**VAULT.model_dump(), "ca": ca.read_text()}}).vault


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"address": "http://vault.example.com", "role": "r"}, "vault.address: "),
        ({"address": "https://vault.example.com"}, "vault.role: missing"),
        ({"address": "https://vault.example.com", "role": "r", "ca": "none"}, "vault.ca: no certificate in PEM"),
        ({"address": "https://vault.example.com", "role": "r", "path": "/secret"}, "vault.path: "),
        ({"address": "https://vault.example.com", "role": "r", "token": "s.x"}, "vault.token: unknown key"),
    ],
)
def test_a_vault_that_cannot_be_reached_so_is_refused_by_key(given: dict[str, Any], problem: str):
    with pytest.raises(SettingsError) as refused:
        validated(TypeAdapter(Secrets), {"vault": given}, [Secrets], "secrets")

    assert [found for found in refused.value.problems if found.startswith(problem)]


def test_the_policy_keeps_a_workload_to_its_own_names(store: Callable[..., Deployed]):
    deployed = store(workloads=["todo", "todo-archive"])

    [names, patterns] = deployed.only(POLICY).inputs["spec"]["validations"]
    assert names["expression"] == (
        "!has(object.spec.data) || object.spec.data.all(one, "
        "one.remoteRef.key.startsWith(object.metadata.namespace + '-') && "
        "!one.remoteRef.key.contains('/') && "
        "!(object.metadata.namespace == 'todo' && one.remoteRef.key.startsWith('todo-archive-')))"
    )
    assert patterns["expression"] == "!has(object.spec.dataFrom) || object.spec.dataFrom.size() == 0"
    assert deployed.only(BINDING).inputs["spec"] == {
        "policyName": "secrets-of-other-workloads",
        "validationActions": ["Deny"],
    }


@pytest.mark.parametrize("stack", STACKS)
def test_every_store_and_external_secret_fits_its_definition(stack: str):
    deployed = committed_plan(stack)

    for type_ in (STORE, EXTERNAL):
        for one in deployed.of_type(type_):
            assert check_custom_resource(type_, one.inputs, frozenset()) == []
            assert one.urn.endswith(one.name)


def test_an_external_secret_is_awaited_and_keeps_what_the_vault_has_no_more():
    settings = {"secrets": {"refresh_minutes": 5}, "workloads": ["todo"]}
    (asked,) = plan("local-dev", settings).of_type(EXTERNAL)

    assert asked.inputs["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
    assert asked.inputs["spec"] == {
        "refreshInterval": "5m",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "target": {"name": "backend", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [{"secretKey": "SESSION_KEY", "remoteRef": {"key": "todo-session-key", "property": "value"}}],
    }


def test_the_guides_example_is_one_that_is_taken():
    backend = parse_workload("todo", workload()).services["backend"]

    assert vault_names("todo", backend.secrets) == {
        "SESSION_KEY": "todo-session-key",
        "MAIL_PASSWORD": "todo-mail-password",
    }
    settings = Secrets.model_validate(vault_settings()["secrets"])
    assert (settings.refresh_minutes, settings.vault) == (30, VAULT)


def test_a_variable_has_one_value():
    given = {"services": {"web": {"image": {"tag": "1"}, "env": {"KEY": "a"}, "secrets": {"KEY": "key"}}}}
    with pytest.raises(SettingsError, match=r"services\.web\.secrets\.KEY: KEY has a plain value in env already"):
        parse_workload("shop", given)


def test_a_secret_has_a_name_that_every_vault_takes():
    given = {"services": {"web": {"image": {"tag": "1"}, "secrets": {"KEY": "mail_password"}}}}
    with pytest.raises(SettingsError, match=r"services\.web\.secrets\.KEY: "):
        parse_workload("shop", given)


@pytest.mark.parametrize("available", [False, True])
def test_reloader_acts_on_annotated_pods_alone(deploy: Callable[..., Deployed], available: bool):
    def program() -> None:
        wait = Prerequisite("wait")
        Reloader(
            "reloader",
            ReloaderArgs(
                high_availability=available, namespace=wait, pod_monitors=wait, nodes=[wait], charts=ChartSource()
            ),
        )

    inputs = deploy(program).only(RELEASE).inputs
    assert check_resource(RELEASE, inputs) == []
    settings = inputs["values"]["reloader"]
    assert (settings["autoReloadAll"], settings["ignoreConfigMaps"], settings["reloadStrategy"]) == (
        False,
        True,
        "annotations",
    )
    assert (settings["enableHA"], settings["deployment"]["replicas"]) == (available, 2 if available else 1)


def test_pods_name_the_secrets_that_replace_them():
    assert restarts("a", "b") == {"secret.reloader.stakater.com/reload": "a,b"}
    assert restarts() == {}
