"""Settings that only GKE stacks have."""

from typing import Any

import pytest

from stacks.problems import SettingsError
from stacks.settings import GkeStack, parse

POOL = {"machine_type": "e2-standard-4", "min_nodes": 1, "max_nodes": 3}
GKE: dict[str, Any] = {
    "cloud": "gke",
    "environment": "dev",
    "domain": "acme.example",
    "account": {"project": "acme-platform", "region": "europe-west1"},
    "cluster": {"zones": ["europe-west1-b"], "node_pools": {"system": POOL}},
}
POSTGRES = {"tier": "db-custom-2-8192", "storage_gib": 50}


def stack(**changes: Any) -> GkeStack:
    parsed = parse({**GKE, **changes})
    assert isinstance(parsed, GkeStack)
    return parsed


def problems(**changes: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        parse({**GKE, **changes})
    return list(raised.value.problems)


def test_by_default_nobody_else_pushes_databases_run_in_the_cluster_and_nodes_surge():
    plain = stack()

    assert plain.registry.pushers == ()
    assert plain.postgres is None
    assert plain.cluster.node_pools["system"].upgrades == "surge"


@pytest.mark.parametrize(
    "member",
    [
        "serviceAccount:ci@acme-platform.iam.gserviceaccount.com",
        "group:builders@acme.example",
        "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/attribute.ref/main",
    ],
)
def test_members_of_every_kind_may_push(member: str):
    assert stack(registry={"pushers": [member]}).registry.pushers == (member,)


@pytest.mark.parametrize("member", ["ci@acme-platform.iam.gserviceaccount.com", "allUsers", "principal://elsewhere"])
def test_a_pusher_is_one_that_google_cloud_can_name(member: str):
    assert problems(registry={"pushers": [member]}) == [
        "registry.pushers.0: expected a member such as serviceAccount:ci@acme-platform.iam.gserviceaccount.com"
    ]


@pytest.mark.parametrize("tier", ["db-custom-1-3840", "db-custom-2-8192", "db-custom-96-638976"])
def test_a_tier_that_cloud_sql_has_is_taken(tier: str):
    postgres = stack(postgres={**POSTGRES, "tier": tier}).postgres

    assert postgres
    assert postgres.tier == tier


@pytest.mark.parametrize(
    ("tier", "problem"),
    [
        ("db-g1-small", "expected a tier such as db-custom-2-8192: vCPUs and MiB"),
        ("db-custom-3-8192", "3 vCPUs; Cloud SQL has 1, or an even number up to 96"),
        ("db-custom-0-8192", "0 vCPUs; Cloud SQL has 1, or an even number up to 96"),
        ("db-custom-98-99840", "98 vCPUs; Cloud SQL has 1, or an even number up to 96"),
        (
            "db-custom-2-8000",
            "8000 MiB; expected a multiple of 256, 3840 or more, 0.9 to 6.5 GiB for each vCPU",
        ),
        (
            "db-custom-2-16384",
            "16384 MiB; expected a multiple of 256, 3840 or more, 0.9 to 6.5 GiB for each vCPU",
        ),
    ],
)
def test_a_tier_that_cloud_sql_does_not_have_is_refused(tier: str, problem: str):
    assert problems(postgres={**POSTGRES, "tier": tier}) == [f"postgres.tier: {problem}"]


def test_node_pools_are_upgraded_in_one_of_two_ways():
    pools = {"system": {**POOL, "upgrades": "all-at-once"}}

    (problem,) = problems(cluster={**GKE["cluster"], "node_pools": pools})

    assert problem.startswith("cluster.node_pools.system.upgrades: ")
