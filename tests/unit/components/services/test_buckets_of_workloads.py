"""Buckets as workload files declare them: what is asked of the cloud, and what the services get."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi_kubernetes as kubernetes
import pytest

from components.contracts import Bucket, BucketDemand, Registry, ServiceAccount, WorkloadIdentity
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


def workload(files: dict[str, Any] | None = None) -> WorkloadSpec:
    """One service that writes, one that reads, and one that has nothing to do with the bucket."""
    service = {"image": {"tag": "1.0.0"}}
    return parse_workload(
        "todo",
        {
            "data": {"files": {"kind": "bucket", "readers": ["worker"], **(files or {})}},
            "services": {
                "backend": {**service, "data": ["files"]},
                "worker": {**service, "data": ["files"]},
                "web": service,
            },
        },
    )


def problems(files: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        workload(files)
    return list(raised.value.problems)


def test_whoever_uses_a_bucket_is_a_principal_of_the_cloud():
    asked = demands({"todo": workload()})

    assert asked.principals == [BACKEND, WORKER]
    assert asked.buckets == [
        BucketDemand(
            workload="todo",
            name="files",
            expire_days=None,
            old_version_days=30,
            writers=[BACKEND],
            readers=[WORKER],
        )
    ]


def test_what_a_file_says_of_objects_reaches_the_cloud():
    (asked,) = demands({"todo": workload({"expire_days": 7, "old_version_days": None})}).buckets

    assert (asked.expire_days, asked.old_version_days) == (7, None)


@pytest.mark.parametrize(("days", "backup"), [(30, Backup.OLD_VERSIONS), (None, Backup.NONE)])
def test_old_versions_are_what_backs_a_bucket_up(days: int | None, backup: Backup):
    (bucket,) = declared("todo", workload({"old_version_days": days}))

    assert bucket.backup is backup


def test_users_reach_the_cloud_and_nobody_else_does():
    opened = {
        one.source.name
        for one in workload_connections({"todo": workload()}, StackTraits())
        if one.why == "objects" and hasattr(one.source, "name")
    }

    assert opened == {"backend", "worker"}


def test_a_service_finds_its_bucket_by_variables_and_waits_for_its_grant(deploy: Callable[..., Deployed]):
    def program() -> None:
        exists = kubernetes.core.v1.ConfigMap("grant")
        bucket = Bucket(variables={"BUCKET": "acme-files"}, grants={BACKEND: [exists], WORKER: [exists]})
        Workload(
            "todo",
            WorkloadArgs(
                workload="todo",
                spec=workload(),
                registry=Registry(image_prefix="registry"),
                principals={account: WorkloadIdentity(service_account=account) for account in (BACKEND, WORKER)},
                buckets={("todo", "files"): bucket},
                platform=bare_platform(),
            ),
        )

    deployed = deploy(program)

    releases = {name: deployed.named(f"todo-{name}-release") for name in ("backend", "web")}
    assert releases["backend"].inputs["values"]["env"] == {"FILES_BUCKET": "acme-files"}
    assert releases["web"].inputs["values"]["env"] == {}
    grant = deployed.named("grant").urn
    assert [grant in releases[name].depends_on for name in releases] == [True, False]


def test_a_reader_has_to_use_its_bucket():
    assert problems({"readers": ["web"]}) == [
        "data.files.readers.0: web does not use it: it has no files in its `data`"
    ]


@pytest.mark.parametrize("days", [0, 366])
def test_old_versions_are_kept_as_long_as_every_cloud_can(days: int):
    (problem,) = problems({"old_version_days": days})

    assert problem.startswith("data.files.old_version_days: ")


def test_a_local_stack_has_no_buckets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workloads").mkdir()
    (tmp_path / "workloads" / "todo.yaml").write_text(
        "{data: {files: {kind: bucket}}, services: {backend: {image: {tag: '1'}, data: [files]}}}"
    )

    with pytest.raises(SettingsError) as raised:
        load_workloads(local_stack(workloads=["todo"]))

    assert raised.value.problems == (
        "workloads/todo.yaml: data.files: a bucket is the cloud's, and a local stack has none",
    )


def test_a_variable_of_a_bucket_is_not_given_twice():
    files = {"kind": "bucket"}
    service = {"image": {"tag": "1.0.0"}, "data": ["files"], "env": {"FILES_BUCKET": "mine"}}
    with pytest.raises(SettingsError) as raised:
        parse_workload("todo", {"data": {"files": files}, "services": {"backend": service}})

    assert raised.value.problems == ("services.backend.env.FILES_BUCKET: a variable of the data service files",)
