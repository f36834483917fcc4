"""What answers challenges in cert-manager's place: how it is reached, who it is, and what it may do."""

from collections.abc import Callable
from typing import Any

import pulumi_random as random
import pytest
from contract_check.check import check_resource

from components.contracts import ServiceAccount, SolverWebhook, WorkloadIdentity
from components.platform.solver_webhook import SolverWebhookServer, SolverWebhookServerArgs
from tests.mock_engine import Deployed
from tests.plans import STACKS, committed_plan
from tests.unit.components.bare_platform import Prerequisite

CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
API = "kubernetes:apiregistration.k8s.io/v1:APIService"
ACCOUNT = ServiceAccount(namespace="cert-manager", name="solver")


@pytest.fixture
def server(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(high_availability: bool = False) -> Deployed:
        def program() -> None:
            wait = Prerequisite("wait")
            args = SolverWebhookServerArgs(
                webhook=SolverWebhook(image="solver:1.0.0", group="acme.solver"),
                identity=WorkloadIdentity(service_account=ACCOUNT, env={"REGION": "north"}, pod_labels={"who": "me"}),
                high_availability=high_availability,
                namespace=wait,
                own_ca=random.RandomId("own-ca", byte_length=1),
                nodes=[wait],
            )
            SolverWebhookServer("webhook", args)

        return deploy(program)

    return deployed


def container(deployed: Deployed) -> dict[str, Any]:
    (found,) = deployed.only(DEPLOYMENT).inputs["spec"]["template"]["spec"]["containers"]
    return found


def test_everything_is_what_kubernetes_and_cert_manager_take(server: Callable[..., Deployed]):
    for one in server(high_availability=True).registrations.values():
        if one.type.startswith("kubernetes:"):
            assert check_resource(one.type, one.inputs) == []


def test_the_group_that_issuers_name_leads_to_it_once_it_answers(server: Callable[..., Deployed]):
    deployed = server()
    api = deployed.only(API)

    assert api.inputs["metadata"]["name"] == "v1alpha1.acme.solver"
    assert api.inputs["spec"]["service"] == {"name": "solver", "namespace": "cert-manager"}
    assert {"name": "GROUP_NAME", "value": "acme.solver"} in container(deployed)["env"]
    assert deployed.only(DEPLOYMENT).urn in api.depends_on


def test_the_clusters_own_authority_vouches_for_it(server: Callable[..., Deployed]):
    deployed = server()
    certificate = deployed.only(CERTIFICATE)

    assert certificate.inputs["spec"]["issuerRef"]["name"] == "own-ca"
    assert "solver.cert-manager.svc" in certificate.inputs["spec"]["dnsNames"]
    assert {urn.rpartition("::")[2] for urn in certificate.depends_on} == {"own-ca"}
    pod = deployed.only(DEPLOYMENT).inputs["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "tls", "secret": {"secretName": certificate.inputs["spec"]["secretName"]}}]
    assert certificate.urn in deployed.only(DEPLOYMENT).depends_on
    annotations = deployed.only(API).inputs["metadata"]["annotations"]
    assert annotations == {"cert-manager.io/inject-ca-from": "cert-manager/solver"}


def test_its_pods_are_who_may_write_in_the_zone_and_nobody_in_the_image(server: Callable[..., Deployed]):
    deployed = server()
    template = deployed.only(DEPLOYMENT).inputs["spec"]["template"]

    assert template["spec"]["serviceAccountName"] == "solver"
    assert template["metadata"]["labels"]["who"] == "me"
    assert {"name": "REGION", "value": "north"} in container(deployed)["env"]
    assert template["spec"]["securityContext"]["runAsUser"] == 65532
    assert "--secure-port=8443" in container(deployed)["args"]


def test_cert_manager_may_ask_it_and_it_may_ask_who_asks(server: Callable[..., Deployed]):
    deployed = server()
    bindings = {
        one.inputs["roleRef"]["name"]: one.inputs["subjects"][0]["name"]
        for kind in ("ClusterRoleBinding", "RoleBinding")
        for one in deployed.of_type(f"kubernetes:rbac.authorization.k8s.io/v1:{kind}")
    }

    assert bindings == {
        "extension-apiserver-authentication-reader": "solver",
        "system:auth-delegator": "solver",
        "solver-flow": "solver",
        "solver-solve": "cert-manager",
    }
    rules = {
        one.inputs["metadata"]["name"]: one.inputs["rules"]
        for one in deployed.of_type("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    }
    assert rules["solver-solve"] == [{"apiGroups": ["acme.solver"], "resources": ["*"], "verbs": ["create"]}]


def test_two_pods_outlive_each_other_where_that_is_wanted(server: Callable[..., Deployed]):
    budget = "kubernetes:policy/v1:PodDisruptionBudget"

    assert (server().only(DEPLOYMENT).inputs["spec"]["replicas"], server().of_type(budget)) == (1, [])
    prod = server(high_availability=True)
    assert prod.only(DEPLOYMENT).inputs["spec"]["replicas"] == 2
    assert prod.only(budget).inputs["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("stack", STACKS)
def test_it_runs_where_the_issuer_names_a_webhook_and_nowhere_else(stack: str):
    deployed = committed_plan(stack)
    groups = [
        solver["dns01"]["webhook"]["groupName"]
        for one in deployed.of_type("kubernetes:cert-manager.io/v1:ClusterIssuer")
        for solver in one.inputs["spec"].get("acme", {}).get("solvers", [])
        if "webhook" in solver["dns01"]
    ]

    assert [one.inputs["spec"]["group"] for one in deployed.of_type(API)] == groups
