"""What the guide to the mesh promises: its table, and its worked example."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from contract_check.kong_declarative import refusals

from components.platform.gateway_config import Gateway, declarative
from components.platform.gateway_upstreams import ActiveChecks, PassiveChecks
from components.services.dapr.configuration import callers, configuration
from components.services.dapr.resiliency import resiliency
from components.services.gateway.canaries import choosing
from components.services.gateway.routes import gateway_of
from components.services.model import WorkloadSpec, parse_workload
from tests.plans import committed_plan

GUIDE = Path("docs/mesh.md").read_text(encoding="utf-8")


@cache
def example() -> WorkloadSpec:
    """The workload of the worked example, as a file of the name shop."""
    [text] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    return parse_workload("shop", yaml.safe_load(text))


def gateway() -> Gateway:
    return gateway_of({"shop": example()}, "acme.example", shared_counters=False)


def rows() -> list[list[str]]:
    """The cells of the first table, without its head."""
    table = GUIDE.split("| Need |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_every_need_is_shown_by_a_test_that_exists():
    for need, _met, _resource, shown in rows():
        path, name = shown.strip("`").split("::")
        functions = {node.name for node in ast.parse(Path(path).read_text()).body if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{need}: there is no {name} in {path}"


def test_the_table_names_what_exists():
    kinds = {one.type.rpartition(":")[2] for one in committed_plan("gke-prod").registrations.values()}

    named = {kind for _need, _met, resource, _shown in rows() for kind in re.findall(r"`(\w+)`", resource)}
    assert named - kinds == set()


def test_a_pod_that_answers_badly_is_taken_out_and_let_back_in():
    stable = next(one for one in gateway().upstreams if one.name == "shop.web.http")

    assert isinstance(stable.passive, PassiveChecks)
    assert (stable.algorithm, stable.passive.failures) == ("least-connections", 5)
    assert isinstance(stable.active, ActiveChecks)
    assert (stable.active.path, stable.active.successes) == ("/health/ready", 1)


def test_testers_get_the_other_build_by_their_header():
    canary = example().services["web"].canary
    assert canary is not None

    lua = choosing(canary, "shop.web.http", "shop.web.http.canary")

    assert canary.headers == {"x-tester": "yes"}
    assert '"x-tester"' in lua
    assert (canary.weight, canary.replicas) == (10, 1)


def test_kong_takes_what_the_example_is_compiled_to():
    written: dict[str, Any] = declarative(gateway(), {})

    assert refusals(written) == []
    assert [route["name"] for service in written["services"] for route in service["routes"]] == [
        "shop.web.pages",
        "shop.shop.api",
    ]


def test_the_catalogue_lets_in_the_shop_and_nobody_else():
    spec = example()
    called = callers({"shop": spec})["shop"]
    dapr = spec.services["catalogue"].dapr
    assert dapr is not None

    access = configuration("shop", "catalogue", dapr, called["catalogue"], None).spec["accessControl"]

    assert access["defaultAction"] == "deny"
    assert [policy["appId"] for policy in access["policies"]] == ["shop"]


def test_the_shop_waits_two_seconds_and_stops_asking_after_ten_failures():
    spec = example()
    dapr = spec.services["shop"].dapr
    assert dapr is not None

    declared = resiliency("shop", dapr, spec.services["shop"].calls)

    assert declared is not None
    policies, target = declared.spec["policies"], declared.spec["targets"]["apps"]["catalogue"]
    assert policies["timeouts"][target["timeout"]] == "2s"
    breaker = policies["circuitBreakers"][target["circuitBreaker"]]
    assert (breaker["timeout"], breaker["trip"]) == ("1m", "consecutiveFailures >= 10")
