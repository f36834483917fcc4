"""Which cluster a provider's settings reach."""

import pytest

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.kubernetes.provider import KubernetesProvider
from rehearsal.providers.wire import UNKNOWN
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused
from tests.unit.rehearsal.providers.google_project import GoogleProject
from tests.unit.rehearsal.providers.rehearsed_cluster import NAMESPACE, RehearsedCluster, dns_name, kubeconfig


def _create(cluster: RehearsedCluster, config: str) -> str:
    cluster.engine.configure({"kubeconfig": config})
    return cluster.namespace().id


def test_a_cluster_that_does_not_exist_is_unreachable(inventory: Inventory) -> None:
    engine = Engine(KubernetesProvider(inventory), {"kubeconfig": kubeconfig("https://gke-none.europe-west4.gke.goog")})

    with pytest.raises(Refused, match=r"cluster is unreachable.*lookup gke-none.europe-west4.gke.goog: no such host"):
        engine.create(NAMESPACE, "apps", metadata={"name": "apps"})


def test_the_dns_endpoint_is_trusted_without_an_authority(cluster: RehearsedCluster) -> None:
    assert _create(cluster, kubeconfig(f"https://{dns_name(cluster.control_plane)}")) == "apps"


def test_the_authority_of_the_cluster_does_not_vouch_for_the_dns_endpoint(cluster: RehearsedCluster) -> None:
    authority = cluster.control_plane["masterAuth"]["clusterCaCertificate"]

    with pytest.raises(Refused, match="certificate signed by unknown authority"):
        _create(cluster, kubeconfig(f"https://{dns_name(cluster.control_plane)}", authority=authority))


def test_an_address_needs_the_authority_of_the_cluster(cluster: RehearsedCluster) -> None:
    server = f"https://{cluster.control_plane['endpoint']}"
    with pytest.raises(Refused, match="certificate signed by unknown authority"):
        _create(cluster, kubeconfig(server))
    with pytest.raises(Refused, match="certificate signed by unknown authority"):
        _create(cluster, kubeconfig(server, authority="QUJD"))

    assert (
        _create(cluster, kubeconfig(server, authority=cluster.control_plane["masterAuth"]["clusterCaCertificate"]))
        == "apps"
    )


def test_an_address_that_is_switched_off_answers_nobody(project: GoogleProject, inventory: Inventory) -> None:
    made = project.cluster(controlPlaneEndpointsConfig={"ipEndpointsConfig": {"enabled": False}})
    config = kubeconfig(f"https://{made['endpoint']}", authority=made["masterAuth"]["clusterCaCertificate"])

    with pytest.raises(Refused, match="no such host"):
        Engine(KubernetesProvider(inventory), {"kubeconfig": config}).create(
            NAMESPACE, "apps", metadata={"name": "apps"}
        )


@pytest.mark.parametrize(
    ("command", "why"), [("kubelogin", "Unauthorized"), (None, "asked for the client to provide credentials")]
)
def test_the_credential_comes_from_the_plugin_of_that_cloud(
    cluster: RehearsedCluster, command: str | None, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        _create(cluster, kubeconfig(f"https://{dns_name(cluster.control_plane)}", command=command))


def test_a_context_that_the_kubeconfig_lacks_is_refused(cluster: RehearsedCluster) -> None:
    config = kubeconfig(f"https://{dns_name(cluster.control_plane)}")
    cluster.engine.configure({"kubeconfig": config, "context": "other"})

    with pytest.raises(Refused, match='context "other" does not exist'):
        cluster.namespace()


def test_a_context_of_the_users_own_file_is_a_cluster_with_nodes(inventory: Inventory) -> None:
    engine = Engine(KubernetesProvider(inventory), {"context": "kind-groundwork"})
    engine.create(NAMESPACE, "apps", metadata={"name": "apps"})

    assert inventory.accounts() == ["kubernetes/context/kind-groundwork"]


def test_a_provider_that_names_no_cluster_reaches_none(inventory: Inventory) -> None:
    with pytest.raises(Refused, match="no context of the user's kubeconfig is named"):
        Engine(KubernetesProvider(inventory)).create(NAMESPACE, "apps", metadata={"name": "apps"})


def test_everything_in_a_cluster_goes_with_it(cluster: RehearsedCluster) -> None:
    namespace = cluster.namespace()
    cluster.project.engine.delete(cluster.control_plane)

    assert cluster.inventory.list(account=cluster.account) == []
    with pytest.raises(Refused, match="unreachable"):
        cluster.engine.read(namespace)


def test_an_unchanged_identifier_keeps_everything_whatever_the_kubeconfig_says(inventory: Inventory) -> None:
    engine = Engine(KubernetesProvider(inventory))
    old = {"kubeconfig": kubeconfig("https://a"), "clusterIdentifier": "gke://main"}

    assert engine.diff_config(old, {**old, "kubeconfig": kubeconfig("https://b")}).replaces == []
    assert engine.diff_config(old, {**old, "kubeconfig": UNKNOWN}).replaces == []
    assert engine.diff_config(old, {**old, "clusterIdentifier": "gke://other"}).replaces == ["clusterIdentifier"]
    assert not engine.diff_config(old, old).changes


def test_without_an_identifier_another_server_is_another_cluster(inventory: Inventory) -> None:
    engine = Engine(KubernetesProvider(inventory))
    old = {"kubeconfig": kubeconfig("https://a")}

    assert engine.diff_config(old, {"kubeconfig": kubeconfig("https://b")}).replaces == ["kubeconfig"]
    assert engine.diff_config(old, {"kubeconfig": UNKNOWN}).replaces == ["kubeconfig"]
    assert engine.diff_config(old, {"kubeconfig": kubeconfig("https://a", command="other")}).replaces == []
    assert engine.diff_config(old, {**old, "clusterIdentifier": "gke://main"}).replaces == []


def test_a_context_of_a_cluster_that_the_kubeconfig_lacks_is_refused(cluster: RehearsedCluster) -> None:
    config = kubeconfig(f"https://{dns_name(cluster.control_plane)}")
    cluster.engine.configure({"kubeconfig": config, "cluster": "other"})

    with pytest.raises(Refused, match='cluster "other" does not exist'):
        cluster.namespace()
