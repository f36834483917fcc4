"""Queues as workload files declare them: what is asked of the cloud, and what the services get."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_kubernetes as kubernetes
import pytest

from components.contracts import Queue, QueueDemand, Registry, ServiceAccount, WorkloadIdentity
from components.network.connections import Place
from components.services.connections import workload_connections
from components.services.data.declared import declared
from components.services.data.service import Backup
from components.services.model import WorkloadSpec, parse_workload
from components.services.stack_traits import StackTraits
from components.services.workload import Workload, WorkloadArgs
from components.services.workloads import demands, load_workloads
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform
from tests.unit.components.clouds.test_local import stack as local_stack

BACKEND = ServiceAccount(namespace="todo", name="backend")
WORKER = ServiceAccount(namespace="todo", name="worker")
BOTH = ServiceAccount(namespace="todo", name="both")


def workload(jobs: dict[str, Any] | None = None) -> WorkloadSpec:
    """One service that sends, one that receives, one that does both, and one that has nothing to do with the queue."""
    service = {"image": {"tag": "1.0.0"}}
    roles = {"senders": ["backend"], "receivers": ["worker"]}
    return parse_workload(
        "todo",
        {
            "data": {"jobs": {"kind": "queue", **roles, **(jobs or {})}},
            "services": {
                "backend": {**service, "data": ["jobs"]},
                "worker": {**service, "data": ["jobs"]},
                "both": {**service, "data": ["jobs"]},
                "web": service,
            },
        },
    )


def problems(jobs: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        workload(jobs)
    return list(raised.value.problems)


def test_whoever_uses_a_queue_is_a_principal_of_the_cloud():
    asked = demands({"todo": workload()})

    assert asked.principals == [BACKEND, WORKER, BOTH]
    assert asked.queues == [
        QueueDemand(
            workload="todo",
            name="jobs",
            retention_hours=168,
            acknowledge_seconds=60,
            max_deliveries=10,
            senders=[BACKEND, BOTH],
            receivers=[WORKER, BOTH],
        )
    ]


def test_what_a_file_says_of_messages_reaches_the_cloud():
    (asked,) = demands(
        {"todo": workload({"retention_hours": 12, "acknowledge_seconds": 300, "max_deliveries": 5})}
    ).queues

    assert (asked.retention_hours, asked.acknowledge_seconds, asked.max_deliveries) == (12, 300, 5)


def test_messages_have_no_copy():
    (queue,) = declared("todo", workload())

    assert queue.backup is Backup.NONE


def test_users_reach_the_cloud_and_nobody_else_does():
    opened = {
        one.source.name
        for one in workload_connections({"todo": workload()}, StackTraits())
        if one.why == "messages" and hasattr(one.source, "name")
    }

    assert opened == {"backend", "worker", "both"}


@pytest.mark.parametrize(("also", "ports"), [((), {443}), ((5671,), {443, 5671})])
def test_users_reach_the_ports_that_the_cloud_speaks_at(also: tuple[int, ...], ports: set[int]):
    opened = [
        one
        for one in workload_connections({"todo": workload()}, StackTraits(queue_ports=also))
        if one.why == "messages" and one.target is Place.OUTSIDE and getattr(one.source, "name", "") == "worker"
    ]

    assert {port.number for one in opened for port in one.ports} == ports


def test_a_service_finds_its_queue_by_variables_and_waits_for_its_grant(deploy: Callable[..., Deployed]):
    accounts = (BACKEND, WORKER, BOTH)

    def program() -> None:
        exists = kubernetes.core.v1.ConfigMap("grant")
        queue = Queue(variables={"QUEUE": "acme-jobs"}, grants={account: [exists] for account in accounts})
        Workload(
            "todo",
            WorkloadArgs(
                workload="todo",
                spec=workload(),
                registry=Registry(image_prefix="registry"),
                principals={account: WorkloadIdentity(service_account=account) for account in accounts},
                queues={("todo", "jobs"): queue},
                platform=bare_platform(),
            ),
        )

    deployed = deploy(program)

    releases = {name: deployed.named(f"todo-{name}-release") for name in ("backend", "web")}
    assert releases["backend"].inputs["values"]["env"] == {"JOBS_QUEUE": "acme-jobs"}
    assert releases["web"].inputs["values"]["env"] == {}
    grant = deployed.named("grant").urn
    assert [grant in releases[name].depends_on for name in releases] == [True, False]


@pytest.mark.parametrize("role", ["senders", "receivers"])
def test_who_sends_or_receives_has_to_use_the_queue(role: str):
    assert problems({role: ["web"]}) == [f"data.jobs.{role}.0: web does not use it: it has no jobs in its `data`"]


def test_who_does_both_is_named_in_neither():
    assert problems({"senders": ["worker"]}) == [
        "data.jobs.receivers.0: worker is among the senders too; who sends and receives is named in neither"
    ]


@pytest.mark.parametrize(
    ("setting", "values"),
    [("retention_hours", (0, 169)), ("acknowledge_seconds", (9, 301)), ("max_deliveries", (4, 21))],
)
def test_messages_are_kept_and_delivered_as_every_cloud_can(setting: str, values: tuple[int, int]):
    for value in values:
        (problem,) = problems({setting: value})
        assert problem.startswith(f"data.jobs.{setting}: ")


def test_a_local_stack_has_no_queues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workloads").mkdir()
    (tmp_path / "workloads" / "todo.yaml").write_text(
        "{data: {jobs: {kind: queue}}, services: {backend: {image: {tag: '1'}, data: [jobs]}}}"
    )

    with pytest.raises(SettingsError) as raised:
        load_workloads(local_stack(workloads=["todo"]))

    assert raised.value.problems == (
        "workloads/todo.yaml: data.jobs: a queue is the cloud's, and a local stack has none; use the kind rabbitmq",
    )


def test_a_variable_of_a_queue_is_not_given_twice():
    service = {"image": {"tag": "1.0.0"}, "data": ["jobs"], "env": {"JOBS_QUEUE": "mine"}}
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"data": {"jobs": {"kind": "queue"}}, "services": {"backend": service}})

    assert raised.value.problems == ("services.backend.env.JOBS_QUEUE: a variable of the data service jobs",)
