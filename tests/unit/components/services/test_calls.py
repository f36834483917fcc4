"""Whom a service calls: what can be written, and what is told of what cannot."""

from pathlib import Path
from typing import Any

import pytest

from components.services.calls import HostCall, ServiceCall, parse_call
from components.services.model import parse_workload
from components.services.workloads import load_workloads
from stacks.problems import SettingsError
from stacks.settings import parse

LOCAL = {
    "cloud": "local",
    "environment": "dev",
    "domain": "groundwork.test",
    "account": {"context": "kind-groundwork"},
}
SERVICE: dict[str, Any] = {"image": {"tag": "1.0.0"}, "ports": {"http": 8080}}


def problems(*calls: Any, **others: dict[str, Any]) -> list[str]:
    services = {"backend": {**SERVICE, "calls": list(calls)}, "users": SERVICE, **others}
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"services": services})
    return [problem.removeprefix("services.backend.calls") for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("users", ServiceCall("users")),
        ("identity/users", ServiceCall("users", "identity")),
        ("api.acme.example", HostCall("api.acme.example", 443)),
        ("db.acme.example:5432", HostCall("db.acme.example", 5432)),
        ("203.0.113.7:8443", HostCall("203.0.113.7", 8443)),
    ],
)
def test_a_call_names_a_service_or_a_host_outside(text: str, call: ServiceCall | HostCall):
    assert parse_call(text) == call


@pytest.mark.parametrize(
    "text", ["users:8080", "https://api.acme.example", "Users", "a/b/c", "", "300.1.1.1", "-a.example", "a..b", "a.b:"]
)
def test_what_is_neither_is_refused(text: str):
    assert problems(text) == [
        ".0: expected a service of this workload, workload/service, or a host outside of the cluster with a dot in its"
        " name, for example backend, identity/users, api.acme.example or db.acme.example:5432"
    ]


@pytest.mark.parametrize("host", ["users.todo.svc", "users.todo.svc:8080", "users.todo.svc.cluster.local"])
def test_a_name_inside_the_cluster_is_no_host_outside(host: str):
    assert problems(host) == [".0: a name inside the cluster; call a service by its own name, or as workload/service"]


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_the_port_of_a_host_is_one(port: str):
    assert problems(f"api.acme.example:{port}") == [".0: expected a port from 1 to 65535 after the host"]


def test_an_unknown_service_is_told_with_the_nearest_one():
    assert problems("user") == ['.0: there is no service user, did you mean "users"?']
    assert problems("payments") == [".0: there is no service payments"]


def test_a_service_does_not_call_itself():
    assert problems("backend") == [".0: the service itself"]


def test_a_service_without_a_port_cannot_be_called():
    assert problems("worker", worker={"image": {"tag": "1.0.0"}}) == [".0: worker has no port to be called at"]


def test_nothing_is_called_twice():
    assert problems("users", "users") == [": users more than once"]
    assert problems("api.acme.example", "api.acme.example:443") == [
        ": api.acme.example, api.acme.example:443 are one call"
    ]


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, **calls: str) -> list[str]:
    """The problems of workloads of one service each, `app`, which calls what is given."""
    (folder / "workloads").mkdir()
    for name, called in calls.items():
        text = f"services: {{app: {{image: {{tag: 1.0.0}}, ports: {{http: 8080}}, calls: [{called}]}}}}\n"
        (folder / "workloads" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(folder)
    stack = parse({**LOCAL, "workloads": list(calls)})
    try:
        load_workloads(stack)
    except SettingsError as error:
        return list(error.problems)
    return []


def test_a_service_of_another_workload_is_called_by_both_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert written(tmp_path, monkeypatch, shop="", todo="shop/app") == []


@pytest.mark.parametrize(
    ("called", "problem"),
    [
        ("shop/ap", 'shop has no service ap, did you mean "app"?'),
        ("shp/app", 'shp is none of the stack\'s workloads, did you mean "shop"?'),
        ("todo/app", "the same workload; write app"),
    ],
)
def test_calls_across_workloads_reach_a_service(
    called: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = written(tmp_path, monkeypatch, shop="", todo=called)

    assert f"workloads/todo.yaml: services.app.calls.0: {problem}" in found


def test_calls_to_a_workload_whose_file_is_wrong_are_not_wrong_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = written(tmp_path, monkeypatch, shop="Nobody", todo="shop/app")

    assert [problem.split(":")[0] for problem in found] == ["workloads/shop.yaml"]
