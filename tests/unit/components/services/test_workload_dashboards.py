"""Dashboards that a workload file asks for: what they are about, and that they come and go with it."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest

from components.contracts import Registry
from components.platform.dashboards import folders
from components.services.model import parse_workload
from components.services.monitoring.dashboard_model import ServiceDashboard, WorkloadDashboard
from components.services.monitoring.dashboards import LONGEST_UID, TEMPLATES, Board, boards
from components.services.workload import Workload, WorkloadArgs
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SERVICE: dict[str, Any] = {"image": {"tag": "1.0.0"}, "ports": {"http": 8080}}
Deploy = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def deployed(deploy: Callable[..., Deployed]) -> Deploy:
    """The ConfigMaps of a workload, by name."""

    def build(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
        spec = parse_workload("shop", values)

        def program() -> None:
            registry = Registry(image_prefix="registry")
            Workload("shop", WorkloadArgs(workload="shop", spec=spec, registry=registry, platform=bare_platform()))

        found = deploy(program).of_type(CONFIG_MAP)
        return {one.inputs["metadata"]["name"]: one.inputs for one in found}

    return build


def variables(board: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["query"] for one in board["templating"]["list"] if one["type"] == "constant"}


def test_a_name_is_that_of_a_template_and_every_template_has_one():
    assert sorted(path.stem for path in TEMPLATES.glob("*.json")) == sorted(get_args(WorkloadDashboard))
    assert set(get_args(ServiceDashboard)) < set(get_args(WorkloadDashboard))


def test_a_dashboard_stands_in_the_namespace_of_its_workload_and_in_a_folder_of_its_name(deployed: Deploy):
    found = deployed({"dashboards": ["caches"], "services": {"cart": {**SERVICE, "dashboards": ["gateway"]}}})

    assert {name: one["metadata"] for name, one in found.items()} == {
        name: {
            "name": name,
            "namespace": "shop",
            "labels": {"grafana_dashboard": "1"},
            "annotations": {"grafana_folder": "shop"},
        }
        for name in ("dashboard-caches", "dashboard-cart-gateway")
    }
    assert [list(one["data"]) for one in found.values()] == [["gw-shop_caches.json"], ["gw-shop_cart_gateway.json"]]


def test_a_dashboard_of_a_workload_is_about_all_of_its_services_and_nothing_else(deployed: Deploy):
    found = deployed({"dashboards": ["circuit-breakers"], "services": {"cart": SERVICE}})
    board = json.loads(found["dashboard-circuit-breakers"]["data"]["gw-shop_circuit-breakers.json"])

    assert (board["uid"], board["title"]) == ("gw-shop_circuit-breakers", "shop / Circuit breakers")
    assert variables(board) == {"namespace": "shop", "service": ".+", "upstream": "shop[.][^.]+[.].+"}


def test_a_dashboard_of_a_service_is_about_that_one_alone(deployed: Deploy):
    services = {"cart": {**SERVICE, "dashboards": ["circuit-breakers"]}, "stock": SERVICE}
    board = json.loads(
        deployed({"services": services})["dashboard-cart-circuit-breakers"]["data"][
            "gw-shop_cart_circuit-breakers.json"
        ]
    )

    assert board["title"] == "shop / cart / Circuit breakers"
    assert variables(board) == {"namespace": "shop", "service": "cart", "upstream": "shop[.]cart[.].+"}


def test_a_service_that_goes_takes_its_dashboards_along_and_changes_no_other(deployed: Deploy):
    services = {name: {**SERVICE, "dashboards": ["services"]} for name in ("cart", "stock")}
    before = deployed({"dashboards": ["services"], "services": services})
    after = deployed({"dashboards": ["services"], "services": {"cart": services["cart"]}})

    assert set(before) - set(after) == {"dashboard-stock-services"}
    assert {name: one["data"] for name, one in after.items()} == {name: before[name]["data"] for name in after}


def test_nobody_gets_a_dashboard_unasked(deployed: Deploy):
    assert deployed({"services": {"cart": SERVICE}}) == {}


def test_everything_but_what_it_is_about_is_the_templates():
    board = json.loads(Board(template="services", workload="shop").rendered())
    template = json.loads((TEMPLATES / "services.json").read_text(encoding="utf-8"))

    assert {key for key in template if board[key] != template[key]} == {"uid", "title", "templating"}
    chosen = [one for one in template["templating"]["list"] if one["type"] != "constant"]
    assert [one for one in board["templating"]["list"] if one["type"] != "constant"] == chosen


def test_addresses_are_told_apart_and_as_long_as_grafana_takes():
    parts = ("a", "a-b", "b", "b-a", "w" * 40)
    every = [
        Board(template=template, workload=workload, service=service)
        for template in get_args(WorkloadDashboard)
        for workload in parts
        for service in (None, *parts)
    ]
    uids = {board.uid for board in every}

    assert len(uids) == len(every)
    assert max(map(len, uids)) == LONGEST_UID
    assert not uids & set(folders())


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"dashboards": ["cache"], "services": {"cart": SERVICE}},
            "dashboards.0: expected 'caches', 'circuit-breakers', 'gateway', 'machine-learning' or 'services', did you "
            'mean "caches"?',
        ),
        (
            {"services": {"cart": {**SERVICE, "dashboards": ["caches"]}}},
            "services.cart.dashboards.0: expected 'circuit-breakers', 'gateway' or 'services'",
        ),
        (
            {"dashboards": ["caches", "caches"], "services": {"cart": SERVICE}},
            "dashboards: caches more than once",
        ),
    ],
)
def test_a_wrong_dashboard_is_told_by_its_path(values: dict[str, Any], problem: str):
    with pytest.raises(SettingsError) as raised:
        parse_workload("shop", values)

    assert raised.value.problems == (problem,)


def test_the_dashboards_of_a_workload_come_before_those_of_its_services():
    services = {"cart": {**SERVICE, "dashboards": ["services"]}}
    spec = parse_workload("shop", {"dashboards": ["gateway", "services"], "services": services})

    assert [board.name for board in boards("shop", spec)] == ["gateway", "services", "cart-services"]
