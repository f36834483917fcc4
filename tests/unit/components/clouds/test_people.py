"""Which groups reach a cluster, and what they may do in it."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.mock_engine import Deployed
from tests.plans import committed_plan, plan

ENTRA = "00000000-0000-4000-8000-00000000000a"
ORACLE = "ocid1.group.oc1..aaaaexample"
GOOGLE = "developers@acme.example"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
IN_NAMESPACE = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"


def bound(deployed: Deployed, kind: str = BINDING) -> dict[tuple[str, str], list[str]]:
    """Groups by the namespace, empty for the cluster, and the role that they have."""
    return {
        (one.inputs["metadata"].get("namespace", ""), one.inputs["roleRef"]["name"]): names
        for one in deployed.of_type(kind)
        if (names := [subject["name"] for subject in one.inputs["subjects"] if subject["kind"] == "Group"])
    }


def rules_of(deployed: Deployed, role: str) -> Sequence[dict[str, Any]]:
    return next(one.inputs["rules"] for one in deployed.of_type(ROLE) if one.inputs["metadata"]["name"] == role)


@pytest.mark.parametrize(("stack", "group"), [("gke-dev", GOOGLE), ("aks-dev", ENTRA), ("oke-dev", ORACLE)])
def test_developers_see_the_cluster_and_work_in_namespaces_of_workloads(stack: str, group: str):
    deployed = plan(stack, {"access.developers": [group]})

    assert bound(deployed) == {("", "view"): [group]}
    assert bound(deployed, IN_NAMESPACE) == {("todo", "groundwork-developer"): [group]}


def test_readers_see_the_cluster_and_administrators_do_everything():
    deployed = plan("local-dev", {"access.admins": ["operators"], "access.readers": ["auditors"]})

    assert bound(deployed) == {("", "cluster-admin"): ["operators"], ("", "view"): ["auditors"]}
    assert bound(deployed, IN_NAMESPACE) == {}


@pytest.mark.parametrize("stack", ["gke-dev", "aks-dev", "oke-dev", "local-dev"])
def test_nobody_is_let_in_unasked(stack: str):
    deployed = committed_plan(stack)

    assert bound(deployed) == bound(deployed, IN_NAMESPACE) == {}
    assert not [one for one in deployed.registrations.values() if one.name.startswith("people-")]


def test_no_role_of_people_shows_secrets():
    deployed = committed_plan("gke-dev")

    seen = [*rules_of(deployed, "groundwork-view"), *rules_of(deployed, "groundwork-developer")]
    assert not [rule for rule in seen if "" in rule["apiGroups"] and {"secrets", "*"} & set(rule["resources"])]


def test_google_lets_groups_find_the_cluster_and_tells_it_of_their_groups():
    deployed = plan("gke-dev", {"access.developers": [GOOGLE]})

    grant = deployed.named(f"people-{GOOGLE}").inputs
    assert (grant["role"], grant["member"]) == ("roles/container.clusterViewer", f"group:{GOOGLE}")
    cluster = deployed.only("gcp:container/cluster:Cluster").inputs
    assert cluster["authenticatorGroupsConfig"] == {"securityGroup": "gke-security-groups@acme.example"}


def test_azure_lets_groups_get_a_kubeconfig_of_this_cluster():
    deployed = plan("aks-dev", {"access.readers": [ENTRA]})

    grant = deployed.named(f"people-{ENTRA}").inputs
    assert (grant["principalId"], grant["principalType"]) == (ENTRA, "Group")
    assert grant["roleDefinitionId"].endswith("/4abbcc35-e782-43d8-92c5-2d3f1bd2253f")


def test_oracle_lets_groups_use_clusters_of_the_compartment():
    deployed = plan("oke-dev", {"access.admins": [ORACLE]})

    assert deployed.named("people-policy").inputs["statements"] == [
        f"Allow group id {ORACLE} to use clusters in compartment id ocid1.compartment.oc1..aaaaaaaaexamplegroundworkdev"
    ]
