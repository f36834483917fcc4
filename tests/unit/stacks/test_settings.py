"""The settings of a stack: what is accepted, and how problems are told."""

import copy
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from stacks.problems import SettingsError
from stacks.settings import AksStack, GkeStack, LocalStack, OkeStack, load, parse

GKE: dict[str, Any] = {
    "cloud": "gke",
    "environment": "dev",
    "domain": "dev.acme.example",
    "account": {"project": "acme-platform-dev", "region": "europe-west1"},
    "cluster": {
        "zones": ["europe-west1-b"],
        "node_pools": {"system": {"machine_type": "e2-standard-4", "min_nodes": 1, "max_nodes": 3}},
    },
}
POOL = {"min_nodes": 1, "max_nodes": 3}
AKS: dict[str, Any] = {
    "cloud": "aks",
    "environment": "staging",
    "domain": "acme.example",
    "account": {
        "subscription_id": "00000000-0000-0000-0000-000000000001",
        "tenant_id": "00000000-0000-0000-0000-000000000002",
        "location": "westeurope",
        "admin_group_ids": ["00000000-0000-0000-0000-000000000003"],
    },
    "cluster": {
        "zones": ["1", "2"],
        "api_access": {"mode": "private"},
        "node_pools": {"system": {"vm_size": "Standard_D4s_v5", **POOL}},
    },
}
OKE: dict[str, Any] = {
    "cloud": "oke",
    "environment": "prod",
    "domain": "acme.example",
    "account": {
        "tenancy_ocid": "ocid1.tenancy.oc1..aaaa",
        "compartment_ocid": "ocid1.compartment.oc1..aaaa",
        "region": "eu-frankfurt-1",
        "home_region": "eu-frankfurt-1",
    },
    "cluster": {
        "availability_domains": ["Abcd:EU-FRANKFURT-1-AD-1", "Abcd:EU-FRANKFURT-1-AD-2"],
        "image_ocid": "ocid1.image.oc1.eu-frankfurt-1.aaaa",
        "api_access": {"mode": "private"},
        "node_pools": {"system": {"shape": "VM.Standard.E5.Flex", "ocpus": 2, "memory_gib": 16, **POOL}},
    },
}
TWO_ZONES = ["europe-west1-b", "europe-west1-c"]
LOCAL: dict[str, Any] = {
    "cloud": "local",
    "environment": "dev",
    "domain": "acme.localhost.test",
    "account": {"context": "kind-acme"},
}


def changed(settings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The settings with some key paths set; `__` stands for the dot, None takes a key away."""
    settings = copy.deepcopy(settings)
    for key_path, value in changes.items():
        *parents, name = key_path.split("__")
        inner = settings
        for parent in parents:
            inner = inner.setdefault(parent, {})
        if value is None:
            del inner[name]
        else:
            inner[name] = value
    return settings


def problems(settings: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        parse(settings)
    return list(raised.value.problems)


@pytest.mark.parametrize(
    ("settings", "model"),
    [(GKE, GkeStack), (AKS, AksStack), (OKE, OkeStack), (LOCAL, LocalStack)],
    ids=["gke", "aks", "oke", "local"],
)
def test_every_cloud_has_a_model(settings: dict[str, Any], model: type):
    assert type(parse(settings)) is model


@pytest.mark.parametrize("path", sorted(Path("stacks").glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_every_committed_stack_is_valid_and_named_after_what_it_is(path: Path):
    stack = parse(yaml.safe_load(path.read_text())["config"]["groundwork:stack"])

    assert path.name == f"Pulumi.{stack.cloud}-{stack.environment}.yaml"


def test_every_problem_is_told_at_once_by_key_path():
    wrong = changed(
        GKE,
        until="platfrom",
        account__regoin="europe-west1",
        account__region=None,
        network__cidr="8.0.0.0/8",
        cluster__node_pools__system__min_nodes=9,
        cluster__api_access={"mode": "allow-list"},
        domain=None,
    )

    assert problems(wrong) == [
        "account.region: missing",
        'account.regoin: unknown key, did you mean "region"?',
        "cluster.api_access.allowed_cidrs: needed with mode allow-list, and only with it",
        "cluster.node_pools.system.max_nodes: less than min_nodes",
        "domain: missing",
        "network.cidr: not a private block (RFC 1918), for example 10.64.0.0/13",
        "until: expected 'foundation', 'platform' or 'workloads', did you mean \"platform\"?",
    ]


def test_a_key_that_resembles_none_lists_the_known_ones():
    assert problems(changed(GKE, account__colour="blue")) == ["account.colour: unknown key; known: project, region"]


@pytest.mark.parametrize("cloud", [None, "aws", 3])
def test_a_cloud_that_is_unknown_or_missing_is_the_only_problem(cloud: object):
    (problem,) = problems(changed(GKE, cloud=cloud))

    assert problem.startswith("cloud: ")
    assert problem.endswith("one of gke, aks, oke, local")


@pytest.mark.parametrize(
    ("key_path", "value", "problem"),
    [
        ("logs__retention_days", True, "logs.retention_days: expected a whole number, without quotes"),
        ("logs__retention_days", "30", "logs.retention_days: expected a whole number, without quotes"),
        ("logs__retention_days", 4.0, "logs.retention_days: expected a whole number, without quotes"),
        ("logs__retention_days", 0, "logs.retention_days: expected 1 or more"),
        ("logs__retention_days", 401, "logs.retention_days: expected 400 or less"),
        ("protect", 0, "protect: expected true or false, without quotes"),
        (
            "cluster__node_pools__system__spot",
            "y",
            "cluster.node_pools.system.spot: expected true or false, without quotes",
        ),
        ("domain", 3, "domain: expected text; a number or a date needs quotes to be one"),
        ("network", "10.0.0.0/8", "network: expected a mapping"),
        ("cluster__node_pools", ["system"], "cluster.node_pools: expected a mapping"),
        ("cluster__zones", "europe-west1-b", "cluster.zones: expected a list"),
        ("cluster__zones", [], "cluster.zones: expected 1 entry or more"),
        ("cluster__zones", ["West"], "cluster.zones.0: expected a zone such as europe-west1-b"),
        ("account__region", "West", "account.region: expected a region such as europe-west1"),
        (
            "cluster__node_pools__system__machine_type",
            "e2 standard",
            "cluster.node_pools.system.machine_type: expected a machine type such as e2-standard-4",
        ),
    ],
)
def test_a_value_of_another_type_or_form_is_one_problem_in_the_words_of_yaml(key_path: str, value: Any, problem: str):
    assert problems(changed(GKE, **{key_path: value})) == [problem]


def test_what_json_cannot_say_is_told():
    (problem,) = problems(changed(GKE, account={("project",): "acme"}))

    assert problem.startswith("not made of lists, mappings and plain values alone: ")


def test_half_a_character_is_told():
    (problem,) = problems(changed(GKE, domain="\ud800"))

    assert problem.startswith("not Unicode text everywhere: ")


def test_every_pattern_says_what_it_expects():
    assert problems(changed(OKE, name="Acme", object_storage={"keys": ["Not Allowed"]})) == [
        "name: expected 20 lower-case letters, digits and hyphens at most, starting with a letter and not ending with "
        "a hyphen",
        "object_storage.keys.0: expected 10 lower-case letters and digits at most",
    ]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "groundwork:stack: missing from the stack file; see stacks/Pulumi.gke-dev.yaml for one"),
        ("gke-dev", "groundwork:stack: expected a mapping; see stacks/Pulumi.gke-dev.yaml for one"),
        ("[]", "groundwork:stack: expected a mapping; see stacks/Pulumi.gke-dev.yaml for one"),
    ],
)
def test_a_stack_that_is_no_mapping_is_not_called_missing(
    monkeypatch: pytest.MonkeyPatch, value: str | None, problem: str
):
    def configured(_self: pulumi.Config, key: str) -> str | None:
        return value if key == "stack" else None

    monkeypatch.setattr(pulumi.Config, "get", configured)

    with pytest.raises(SettingsError) as raised:
        load()

    assert raised.value.problems == (problem,)


def test_values_that_are_refused_are_not_shown():
    wrong = changed(GKE, account__project="Not A Project")

    with pytest.raises(SettingsError) as raised:
        parse(wrong)

    assert "Not A Project" not in str(raised.value)


@pytest.mark.parametrize(
    ("environment", "metrics", "storage", "protect"),
    [("dev", 7, 20, False), ("staging", 15, 50, False), ("prod", 30, 200, True)],
)
def test_an_environment_brings_its_defaults(environment: str, metrics: int, storage: int, protect: bool):
    stack = parse(changed(GKE, environment=environment, cluster__zones=TWO_ZONES))

    assert (stack.metrics.retention_days, stack.metrics.storage_gib, stack.protect) == (metrics, storage, protect)


def test_the_stack_file_overrides_a_default_and_leaves_its_siblings():
    stack = parse(changed(GKE, metrics={"storage_gib": 40}))

    assert (stack.metrics.retention_days, stack.metrics.storage_gib) == (7, 40)


def test_an_unknown_environment_is_told_without_the_defaults_that_it_would_bring():
    assert problems(changed(GKE, environment="qa")) == ["environment: expected 'dev', 'staging' or 'prod'"]


def test_prod_keeps_logs_for_an_audit():
    assert problems(changed(GKE, environment="prod", cluster__zones=TWO_ZONES, logs={"retention_days": 29})) == [
        "logs.retention_days: prod keeps logs 30 days or longer"
    ]
    assert parse(changed(GKE, environment="prod", cluster__zones=TWO_ZONES, logs={"retention_days": 30}))


TOO_FEW = "high_availability spreads replicas over two or more: add one, or set high_availability: false"
ONE_DOMAIN = ["Abcd:EU-FRANKFURT-1-AD-1"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (changed(GKE, high_availability=True), f"cluster.zones: {TOO_FEW}"),
        (changed(AKS, cluster__zones=["1"]), f"cluster.zones: {TOO_FEW}"),
        (changed(OKE, cluster__availability_domains=ONE_DOMAIN), f"cluster.availability_domains: {TOO_FEW}"),
    ],
    ids=["gke", "aks", "oke"],
)
def test_replicas_have_zones_to_be_spread_over(settings: dict[str, Any], problem: str):
    assert problems(settings) == [problem]
    assert parse({**settings, "high_availability": False})


def test_a_region_of_one_availability_domain_has_no_more_to_ask_for():
    one = ["Abcd:EU-AMSTERDAM-1-AD-1"]

    assert parse(changed(OKE, account__region="eu-amsterdam-1", cluster__availability_domains=one)).high_availability


def test_zones_that_are_too_few_and_elsewhere_are_two_problems():
    assert problems(changed(GKE, high_availability=True, cluster__zones=["us-east1-b"])) == [
        f"cluster.zones: {TOO_FEW}",
        "cluster.zones: us-east1-b not in region europe-west1",
    ]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            changed(GKE, cluster__zones=["europe-west1-b", "europe-west1-b"]),
            "cluster.zones: europe-west1-b more than once",
        ),
        (changed(AKS, cluster__zones=["1", "2", "1"]), "cluster.zones: 1 more than once"),
        (
            changed(
                GKE, cluster__api_access={"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24", "203.0.113.0/24"]}
            ),
            "cluster.api_access.allowed_cidrs: 203.0.113.0/24 more than once",
        ),
        (changed(GKE, workloads=["todo", "todo"]), "workloads: todo more than once"),
    ],
)
def test_nothing_is_listed_twice(settings: dict[str, Any], problem: str):
    assert problems(settings) == [problem]


@pytest.mark.parametrize("key", ["", "/tier", "Acme.example/tier", "acme..example/tier", "-tier", "a/b/c", "t" * 64])
def test_keys_of_labels_and_taints_are_those_that_kubernetes_takes(key: str):
    expected = "expected a key that Kubernetes takes, for example acme.example/tier"
    pool = "cluster.node_pools.system"

    assert problems(changed(GKE, cluster__node_pools__system__labels={key: "web"})) == [
        f"{pool}.labels.{key}: {expected}"
    ]
    assert f"{pool}.taints.0.key: {expected}" in problems(
        changed(GKE, cluster__node_pools__system__taints=[{"key": key, "effect": "PreferNoSchedule"}])
    )


def test_labels_that_kubernetes_takes_are_taken():
    labels = {"acme.example/tier": "web", "Team_1": "", "a.b-c": "1.0_x"}

    stack = parse(changed(GKE, cluster__node_pools__system__labels=labels))

    assert isinstance(stack, GkeStack)
    assert stack.cluster.node_pools["system"].labels == labels


def test_a_label_has_a_value_that_kubernetes_takes():
    (problem,) = problems(changed(GKE, cluster__node_pools__system__labels={"tier": "web!"}))

    assert problem.startswith("cluster.node_pools.system.labels.tier: expected 63 letters")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (GKE, "every pool has a taint that keeps the platform's pods off; leave one without"),
        (OKE, "none is open to every pod: OKE taints spot nodes; leave one without spot and taints"),
    ],
    ids=["gke", "oke"],
)
def test_one_pool_takes_every_pod(settings: dict[str, Any], problem: str):
    closed = changed(settings, high_availability=False, cluster__node_pools__system__taints=[{"key": "gpu"}])
    preferring = {"key": "gpu", "effect": "PreferNoSchedule"}

    assert problems(closed) == [f"cluster.node_pools: {problem}"]
    assert parse(changed(closed, cluster__node_pools__system__taints=[preferring]))


def test_spot_nodes_of_gke_take_every_pod():
    assert parse(changed(GKE, cluster__node_pools__system__spot=True))


OCI_MIRROR = "chart_mirror: expected oci:// with a host and a path, for example oci://registry.acme.example/charts"
NO_MIRROR = "chart_mirror: there is no such folder, seen from the program's own; or write oci://host/path"


@pytest.mark.parametrize(
    ("mirror", "problem"),
    [
        ("", NO_MIRROR),
        ("mirrored", NO_MIRROR),
        ("Pulumi.yaml", NO_MIRROR),
        ("https://charts.acme.example", OCI_MIRROR),
        ("oci:/typo", OCI_MIRROR),
        ("oci://", OCI_MIRROR),
        ("oci://registry.acme.example", OCI_MIRROR),
    ],
)
def test_a_chart_mirror_is_a_registry_path_or_a_folder(mirror: str, problem: str):
    assert problems(changed(GKE, chart_mirror=mirror)) == [problem]


@pytest.mark.parametrize("mirror", ["oci://registry.acme.example:5000/mirror/charts", "charts"])
def test_a_chart_mirror_may_be_either(mirror: str):
    assert parse(changed(GKE, chart_mirror=mirror)).chart_mirror == mirror


def test_zones_lie_in_the_region():
    assert problems(changed(GKE, cluster__zones=["us-east1-b", "europe-west1-c"])) == [
        "cluster.zones: us-east1-b not in region europe-west1"
    ]


COMMON = (
    "access, account, alerts, backups, chart_mirror, cloud, cluster, dapr, domain, environment, gateway, "
    "high_availability, images_by_digest, logs, mesh, metrics, monitoring, name, protect, secrets, tls, traces"
)


@pytest.mark.parametrize(
    ("settings", "change", "problem"),
    [
        (
            GKE,
            {"postgres": {"tier": "db-custom-2-8192", "storage_gib": 50, "version": 17}},
            "'16' or '17', with quotes",
        ),
        (AKS, {"cluster__zones": [1, "2"]}, "'1', '2' or '3', with quotes"),
        (AKS, {"postgres": {"sku": "Standard_D2ds_v5", "storage_gib": "64"}}, "16384 or 32767, without quotes"),
        (
            OKE,
            {"cluster__upgrade_channel": "patch"},
            "cluster.upgrade_channel: unknown key; only for aks; known: api_access",
        ),
        (LOCAL, {"postgres": {}}, f"postgres: unknown key; only for gke, aks, oke; known: {COMMON}, until, workloads"),
        (LOCAL, {"cluster__registry": "https://localhost:5001"}, "expected a registry such as localhost:5001, without"),
        (LOCAL, {"cluster__registry": ""}, "cluster.registry: expected a registry such as localhost:5001"),
        (LOCAL, {"cluster__storage_class": "fast "}, "cluster.storage_class: expected the name of a StorageClass such"),
    ],
)
def test_a_problem_says_what_to_write_instead(settings: dict[str, Any], change: dict[str, Any], problem: str):
    (found,) = problems(changed(settings, **change))

    assert problem in found


@pytest.mark.parametrize("settings", [AKS, OKE], ids=["aks", "oke"])
def test_only_gke_has_a_guarded_name_for_its_api(settings: dict[str, Any]):
    assert problems(changed(settings, cluster__api_access={"mode": "dns"})) == [
        "cluster.api_access.mode: this cloud has no IAM-guarded name; use allow-list or private"
    ]


def test_an_allow_list_goes_with_its_mode_and_with_no_other():
    allowed = {"mode": "allow-list", "allowed_cidrs": ["203.0.113.0/24"]}

    accepted = parse(changed(AKS, cluster__api_access=allowed))

    assert isinstance(accepted, AksStack)
    assert accepted.cluster.api_access.allowed_cidrs == ("203.0.113.0/24",)
    assert problems(changed(GKE, cluster__api_access={"mode": "dns", "allowed_cidrs": ["203.0.113.0/24"]})) == [
        "cluster.api_access.allowed_cidrs: needed with mode allow-list, and only with it"
    ]


@pytest.mark.parametrize(
    "cidr", ["10.0.0.0/17", "10.0.0.1/16", "127.0.0.0/8", "198.18.0.0/15", "0.0.0.0/8", "300.0.0.0/8", "ten"]
)
def test_a_network_block_is_private_and_large_enough(cidr: str):
    (problem,) = problems(changed(GKE, network__cidr=cidr))

    assert problem.startswith("network.cidr: ")


def test_settings_cannot_be_changed_after_they_were_read():
    with pytest.raises(ValueError, match="frozen"):
        parse(GKE).protect = True  # pyright: ignore[reportAttributeAccessIssue]


def aks_pools(**pools: dict[str, Any]) -> dict[str, Any]:
    return changed(
        AKS, cluster__node_pools={name: {"vm_size": "Standard_D4s_v5", **POOL, **pool} for name, pool in pools.items()}
    )


@pytest.mark.parametrize(
    ("pools", "problem"),
    [
        (aks_pools(apps={}), "cluster.node_pools.system: missing; an AKS cluster is created with it"),
        (aks_pools(system={"spot": True}), "cluster.node_pools.system: always has a node, and no spot ones"),
        (aks_pools(system={"min_nodes": 0}), "cluster.node_pools.system: always has a node, and no spot ones"),
        (
            aks_pools(system={}, apps={"spot": True}, gpu={"taints": [{"key": "gpu"}]}),
            "cluster.node_pools: none is open to every pod: AKS taints spot nodes, and the system pool beside others",
        ),
    ],
    ids=["no system pool", "spot system pool", "empty system pool", "only tainted pools"],
)
def test_an_aks_cluster_has_nodes_for_its_own_and_for_every_pod(pools: dict[str, Any], problem: str):
    assert problems(pools) == [problem]


def test_all_that_is_wrong_with_aks_node_pools_is_told_at_once():
    assert problems(aks_pools(system={"min_nodes": 0}, apps={"spot": True})) == [
        "cluster.node_pools.system: always has a node, and no spot ones",
        "cluster.node_pools: none is open to every pod: AKS taints spot nodes, and the system pool beside others",
    ]


def test_an_aks_cluster_may_have_spot_pools_beside_others():
    accepted = parse(aks_pools(system={}, apps={}, batch={"spot": True, "min_nodes": 0}))

    assert isinstance(accepted, AksStack)
    assert [name for name, pool in accepted.cluster.node_pools.items() if pool.spot] == ["batch"]


def test_an_aks_stack_names_its_administrators():
    without = {key: value for key, value in AKS["account"].items() if key != "admin_group_ids"}

    assert problems({**AKS, "account": without}) == ["account.admin_group_ids: missing"]
