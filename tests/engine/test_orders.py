"""Stacks in the orders that are the worst for them: whole, and with an edge of theirs taken out."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from rehearsal.__main__ import main
from rehearsal.orders import Edge, Orders
from rehearsal.places import CLONE, Places
from rehearsal.providers.inventory import Inventory
from tests.engine.conftest import BroughtUp, Throwaway

STACKS = ("aks-dev", "gke-dev", "oke-dev")

WISHES = {
    r"vault-store -> secrets-.*": "a store that may not read yet tries again",
    r"vault-policy-binding -> vault-policy": "a binding may name a policy that is still to come",
    r"todo-.*-secrets -> vault-policy-binding": "the policy is against what others make, and there before they can",
    r".* -> priorities-.*": "pods wait for every class of priority, whichever they name",
    r"registry-repository -> apis-containerscanning": "images are scanned from the first one on",
    r"secrets-.* -> apis-secretmanager": "a grant on all secrets of a name is one on the project",
    r"pools-.* -> nodes-role": "nodes write logs and metrics from the first one on",
    r"todo-backend-release -> (principals?|secrets)-todo-.*": "what a service does without its secrets is its affair",
    r"network-(api|endpoints|databases) -> network-.*": "a network of Azure takes one change at a time",
    r"(?!todo-).* -> registry-nodes-pulls": "the platform's images are not of the stack's registry",
    r"loki-release -> logs-ruler-access": "a ruler asks for its rules again and again, and starts without",
    r"registry-scans-target -> registry-scans-grant": "Oracle takes a target that it may not scan yet",
    r"autoscaler-addon -> autoscaler-policy": "an add-on is there before it may do anything",
    r"dashboards-reader-binding -> dashboards-reader": "a binding may name a role that is still to come",
    r"solver-webhook-(flow|solve)-binding -> solver-webhook-\1": "a binding may name a role that is still to come",
    r"solver-webhook-deployment -> solver-webhook-(?!cert).*": "what a pod may ask the API is not rehearsed",
    r"pools-.* -> network-firewall-.*": "who reaches whom is not rehearsed",
    r"todo-kafka-cluster -> todo-kafka-metrics": "Kafka's operator tries again until the rules are there",
    r"todo-postgres-database -> postgres-.*": "what a Job finds out when it connects is not rehearsed",
    r"todo-postgres-cluster -> database-backups-.*": "what an instance finds out when it archives is not rehearsed",
    r"todo-dapr-component-.* -> todo-(kafka|postgres)-.*": "what a component connects to, only sidecars find out",
    r"todo-.*-release -> todo-dapr-(component|subscription|resiliency)-.*": "a sidecar starts, and its service fails",
    r"dapr-release -> dapr-crds-(?!configurations).*": "Dapr's operator watches every kind, and fails where one is not",
    r"todo-dapr-.* -> dapr-crds-.*": "the definitions of Dapr come together, in seconds",
}
"""Edges that no rule of a cloud asks for, and why they are there."""


OWN_IMAGES = {"workloads.todo.stand_in": False}
"""Stand-ins ask neither for secrets nor for the registry."""


@pytest.fixture(scope="session")
def orders_of(brought_up: BroughtUp, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Orders]:
    """The orders of a stack that runs images of its own, only where a test asks for them."""

    @cache
    def of(stack: str) -> Orders:
        home = tmp_path_factory.mktemp("orders")
        deployment = brought_up(stack, home / "rehearsal", OWN_IMAGES).export("--show-secrets")
        return Orders(deployment, Inventory(home / "inventory.sqlite"))

    return of


def edge(of: Orders, text: str) -> Edge:
    (found,) = [one for one in of.edges() if str(one) == text]
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_comes_up_in_every_order(orders_of: Callable[[str], Orders], stack: str):
    assert [str(refusal) for refusal in orders_of(stack).refusals()] == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_edge_is_needed_or_a_wish_with_a_reason(orders_of: Callable[[str], Orders], stack: str):
    found = orders_of(stack)

    unneeded = {str(edge) for edge in found.edges() if not found.is_needed(edge)}

    assert {one for one in unneeded if not any(re.fullmatch(wish, one) for wish in WISHES)} == set()


@pytest.mark.parametrize(
    ("stack", "taken_out", "refused", "reason"),
    [
        ("gke-dev", "network-vpc -> apis-compute", "network-vpc", "compute.googleapis.com API has not been used"),
        ("gke-dev", "logs-bucket -> storage-encryption-grant", "logs-bucket", "Permission denied on Cloud KMS key"),
        ("gke-dev", "logs-grant -> cluster-control-plane", "logs-grant", "Identity Pool does not exist"),
        ("gke-dev", "pools-system -> network-nat", "loki-release", "no route from private nodes to the registry"),
        ("gke-dev", "pools-system -> registry-nodes-pulls", "todo-backend-release", "may not read the repository"),
        ("gke-dev", "loki-release -> logs-grant", "loki-release", "storage: bucket doesn't exist"),
        ("gke-dev", "loki-release -> namespaces-logging", "loki-release", 'namespaces "logging" not found'),
        ("gke-dev", "loki-release -> operator-crds-release", "loki-release", "ensure CRDs are installed first"),
        ("gke-dev", "todo-backend-release -> dapr-release", "todo-backend-release", "without what dapr puts into them"),
        (
            "gke-dev",
            "todo-backend-release -> todo-dapr-configuration-backend",
            "todo-backend-release",
            'daprd: configuration "backend" not found',
        ),
        ("gke-dev", "prometheus-release -> grafana-admin-credentials", "prometheus-release", 'secret "grafana-admin"'),
        (
            "gke-dev",
            "prometheus-release -> alert-routing-credentials",
            "prometheus-release",
            'secret "alertmanager-cred',
        ),
        (
            "gke-dev",
            "jaeger-release -> jaeger-traces",
            "jaeger-release",
            'persistentvolumeclaim "jaeger-traces" not found',
        ),
        (
            "gke-dev",
            "own-ca-bootstrap -> cert-manager-release",
            "own-ca-bootstrap",
            "its CustomResourceDefinition must be in the cluster first",
        ),
        ("gke-dev", "acme-issuer -> dns-solver", "acme-issuer", "the managed zone groundwork-dev does not exist"),
        (
            "gke-dev",
            "external-dns-release -> dns-records",
            "external-dns-release",
            "the managed zone groundwork-dev does not exist",
        ),
        ("gke-dev", "external-dns-release -> dns-lister", "external-dns-release", "may not list the zones"),
        ("aks-dev", "acme-issuer -> dns-solver-federation", "acme-issuer", "no federated identity record of"),
        ("aks-dev", "external-dns-release -> dns-external-dns-finds", "external-dns-release", "may not list the zones"),
        ("oke-dev", "acme-issuer -> solver-webhook-api", "acme-issuer", "no APIService is registered for acme.oci.dns"),
        ("oke-dev", "external-dns-release -> dns-external-dns", "external-dns-release", "no policy lets external-dns/"),
        ("aks-dev", "cluster-control-plane -> identity-joins-network", "cluster-control-plane", "Network Contributor"),
        ("aks-dev", "cluster-control-plane -> encryption-uses-key", "cluster-control-plane", "Key Vault Crypto User"),
        ("aks-dev", "logs-account -> data-encryption-uses-key", "logs-account", "KeyVaultAuthenticationFailure"),
        ("aks-dev", "loki-release -> logs-writer-federation", "loki-release", "no federated identity record of"),
        ("aks-dev", "loki-release -> logs-chunks-access", "loki-release", "the container chunks of"),
        ("oke-dev", "cluster-control-plane -> encryption-grant", "cluster-control-plane", "no policy lets a dynamic"),
        (
            "oke-dev",
            "logs-bucket -> encryption-storage-grant",
            "logs-bucket",
            "no policy lets the service objectstorage",
        ),
        ("oke-dev", "loki-release -> logs-bucket", "loki-release", "NoSuchBucket: the bucket groundwork-dev-logs"),
        ("oke-dev", "loki-release -> logs-writer-membership", "loki-release", "AccessDenied: no policy lets the owner"),
        ("oke-dev", "loki-release -> loki-object-store", "loki-release", 'secret "loki-object-store-first" not found'),
        ("oke-dev", "todo-backend-release -> todo-images-secret", "todo-backend-release", 'secret "registry-first"'),
    ],
)
def test_an_edge_that_is_missing_is_found(
    orders_of: Callable[[str], Orders], stack: str, taken_out: str, refused: str, reason: str
):
    found = orders_of(stack)

    refusals = list(found.refusals(found.waits(edge(found, taken_out))))

    (told,) = [refusal for refusal in refusals if refusal.urn.endswith(f"::{refused}")]
    assert reason in told.reason


PROGRAM = """
import pulumi, pulumi_gcp as gcp
google = gcp.Provider("google", project="acme-dev", region="europe-west4")
use = pulumi.ResourceOptions(provider=google)
compute = gcp.projects.Service("compute", service="compute.googleapis.com", opts=use)
{network}
"""
EARLY = """
compute.id.apply(lambda _: gcp.compute.Network("network", name="network", opts=use))
"""
LATE = """
gcp.compute.Network("network", name="network", opts=pulumi.ResourceOptions(provider=google, depends_on=[compute]))
"""


def test_a_program_that_was_lucky_is_told_so(throwaway: Throwaway, capsys: pytest.CaptureFixture[str]):
    lucky = throwaway(PROGRAM.format(network=EARLY))

    assert lucky.up("--skip-preview").exit_code == 0
    assert main(["orders", "dev"], lucky.places) == 1

    said = capsys.readouterr()
    assert said.out == "dev: 2 resources come up, 1 of them may come too early.\n"
    assert said.err.startswith(
        "urn:pulumi:dev::throwaway::gcp:compute/network:Network::network\n"
        "  does not wait for all that it needs: googleapi: Error 403: compute.googleapis.com API has not been used"
    )


def test_a_program_that_says_what_it_waits_for_is_fine(throwaway: Throwaway, capsys: pytest.CaptureFixture[str]):
    sure = throwaway(PROGRAM.format(network=LATE))

    assert main(["orders", "dev"], sure.places) == 0

    assert capsys.readouterr().out == "dev: 2 resources come up, whichever comes first.\n"


def test_flags_of_the_engine_are_none_of_orders(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["orders", "gke-dev", "--refresh"], Places(tmp_path / "home", CLONE)) == 2

    assert capsys.readouterr().err == "`orders` takes no other flags: --refresh\n"
