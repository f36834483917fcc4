"""What a service may have besides pods that run and answer: volumes, tasks, scaling, placement, owners."""

from collections.abc import Callable
from typing import Any

import pulumi_kubernetes as kubernetes
import pytest

from components.contracts import Registry, ServiceAccount, WorkloadIdentity
from components.data.sizes import SIZES
from components.services.connections import pods_of
from components.services.model import WorkloadSpec, parse_workload
from components.services.monitoring.alert_rules import alert_groups
from components.services.quota import room
from components.services.workload import Workload, WorkloadArgs
from components.services.workloads import demands
from stacks.problems import SettingsError
from tests.mock_engine import Deployed
from tests.unit.components.bare_platform import bare_platform

RELEASE = "kubernetes:helm.sh/v3:Release"
IMAGE = {"image": {"tag": "1.0.0"}}
ROUTED = {"ports": {"http": 80}, "routes": [{"paths": ["/"]}]}
KAFKA = {"components": {"pubsub": {"kind": "kafka"}}}


def workload(parts: dict[str, Any] | None = None, **service: Any) -> WorkloadSpec:
    return parse_workload("shop", {**(parts or {}), "services": {"orders": {**IMAGE, **service}}})


def problems(parts: dict[str, Any] | None = None, **service: Any) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        workload(parts, **service)
    return [problem.removeprefix("services.orders.") for problem in raised.value.problems]


def deployed(deploy: Callable[..., Deployed], spec: WorkloadSpec, **args: Any) -> Deployed:
    registry = Registry(image_prefix="registry")

    def program() -> None:
        platform = bare_platform(scaler=kubernetes.core.v1.Namespace("scaler"))
        Workload("shop", WorkloadArgs(workload="shop", spec=spec, registry=registry, platform=platform, **args))

    return deploy(program)


def values(deploy: Callable[..., Deployed], **service: Any) -> dict[str, Any]:
    found = deployed(deploy, workload(**service)).of_type(RELEASE)
    return next(one.inputs["values"] for one in found if one.inputs["name"] == "orders")


def test_a_service_of_three_lines_asks_for_nothing_of_all_this(deploy: Callable[..., Deployed]):
    found = values(deploy)

    assert not {"volumes", "initContainers", "jobs", "migrations", "autoscaling", "spread", "disruption"} & found.keys()
    assert not {"labels", "annotations", "secretMounts", "command", "args"} & found.keys()


def test_each_kind_of_volume_is_spelt_for_the_chart(deploy: Callable[..., Deployed]):
    volumes = {
        "cache": {"kind": "scratch", "path": "/var/cache"},
        "fast": {"kind": "scratch", "path": "/var/fast", "size_mib": 64, "memory": True},
        "data": {"kind": "claim", "path": "/var/lib/data", "size_gib": 10},
        "config": {"kind": "files", "path": "/etc/app", "files": {"app.toml": "a = 1\n"}},
    }

    assert values(deploy, replicas=1, volumes=volumes)["volumes"] == {
        "cache": {"path": "/var/cache", "scratch": {"size": "256Mi", "memory": False}},
        "fast": {"path": "/var/fast", "scratch": {"size": "64Mi", "memory": True}},
        "data": {"path": "/var/lib/data", "claim": {"size": "10Gi", "storageClass": "fast"}},
        "config": {"path": "/etc/app", "files": {"app.toml": "a = 1\n"}},
    }


def test_secret_files_come_from_the_vault_and_replace_pods(deploy: Callable[..., Deployed]):
    volumes = {"keys": {"kind": "secrets", "path": "/etc/keys", "files": {"tls.key": "orders-key"}}}

    found = deployed(deploy, workload(volumes=volumes, secrets={"TOKEN": "token"}))

    secret = found.named("shop-orders-keys-files")
    assert secret.inputs["metadata"]["name"] == "orders.keys"
    assert [(one["secretKey"], one["remoteRef"]["key"]) for one in secret.inputs["spec"]["data"]] == [
        ("tls.key", "shop-orders-key")
    ]
    release = found.only(RELEASE)
    assert secret.urn in release.depends_on
    assert release.inputs["values"]["secretMounts"] == {
        "keys": {"secret": "orders.keys", "path": "/etc/keys", "items": {"tls.key": "tls.key"}}
    }
    watched = release.inputs["values"]["podAnnotations"]["secret.reloader.stakater.com/reload"]
    assert set(watched.split(",")) == {"orders", "orders.keys"}


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        (
            {"volumes": {"data": {"kind": "claim", "path": "/data", "size_gib": 1}}},
            "volumes.data: one pod alone can have a claim, and there are 2; say replicas: 1 and have no canary, or use"
            " a data service",
        ),
        (
            {"volumes": {"a": {"kind": "scratch", "path": "/a"}, "b": {"kind": "scratch", "path": "/a"}}},
            "volumes.b.path: /a is the path of a already",
        ),
        (
            {"volumes": {"a": {"kind": "scratch", "path": "/a", "memory": True}}},
            "volumes.a.size_mib: expected less than the memory of the service (128Mi), which it is in",
        ),
        (
            {"volumes": {"a": {"kind": "scratch", "path": "/tmp/a"}}},
            "volumes.a.path: /tmp is there already; mount it somewhere else",
        ),
        (
            {"volumes": {"a": {"kind": "disk", "path": "/a"}}},
            "volumes.a.kind: not one of scratch, claim, files, secrets",
        ),
        (
            {"volumes": {"a": {"kind": "files", "path": "/a", "files": {"big": "x" * 900_001}}}},
            "volumes.a.files: 900001 bytes, and there is room for 900000",
        ),
        ({"init": [{"name": "a"}, {"name": "a"}]}, "init.1.name: a is another one's"),
        ({"init": [{"name": "app"}]}, "init.0.name: app is the service's own"),
        (
            {"jobs": {"report": {"schedule": "@daily"}}},
            "jobs.report.schedule: expected 5 fields: minute, hour, day of the month, month, day of the week"
            ' ("0 6 * * 1-5")',
        ),
        (
            {"jobs": {"report": {"schedule": "0 6 * *"}}},
            "jobs.report.schedule: expected 5 fields: minute, hour, day of the month, month, day of the week"
            ' ("0 6 * * 1-5")',
        ),
        (
            {"jobs": {"canary": {"schedule": "0 6 * * *"}}},
            "jobs.canary: orders-canary is the name of something else; choose another one",
        ),
        (
            {"secrets": {"TOKEN": "token"}, "jobs": {"report": {"schedule": "0 6 * * *", "env": {"TOKEN": "x"}}}},
            "jobs.report.env.TOKEN: has its value from the vault",
        ),
        ({"disruption": {"min_available": 2}}, "disruption.min_available: expected less than the pods (2), or no node"),
        (
            {"disruption": {"min_available": 1, "max_unavailable": 1}},
            "disruption.max_unavailable: expected one of min_available and max_unavailable",
        ),
        ({"autoscaling": {"min": 3, "max": 2, "cpu_percent": 70}}, "autoscaling.max: expected min (3) or more"),
        ({"autoscaling": {"max": 2}}, "autoscaling: expected something to go by: cpu_percent"),
        (
            {"autoscaling": {"max": 2, "cpu_percent": 70}, "replicas": 2},
            "replicas: autoscaling decides on it; leave one of the two out",
        ),
        (
            {"autoscaling": {"max": 2, "requests_per_second": 10}},
            "autoscaling.requests_per_second: the service has no port to be asked at",
        ),
        (
            {"autoscaling": {"max": 2, "kafka": {"topic": "orders", "lag": 100}}},
            "autoscaling.kafka: the workload has no Kafka; components.pubsub brings one",
        ),
        (
            {"autoscaling": {"max": 2, "rabbitmq": {"queue": "orders", "length": 100}}},
            "autoscaling.rabbitmq: the service uses no RabbitMQ; name one in its data",
        ),
        (
            {"autoscaling": {"max": 2, "cron": [{"start": "0 8 * * *", "end": "0 18 * * *", "replicas": 3}]}},
            "autoscaling.cron.0.replicas: expected max (2) or less",
        ),
    ],
)
def test_what_could_not_run_is_refused_by_its_key_path(service: dict[str, Any], problem: str):
    (found,) = problems(**service)

    assert found.startswith(problem)


def test_names_of_jobs_are_those_of_nothing_else():
    services = {"orders": {**IMAGE, "jobs": {"report": {"schedule": "0 6 * * *"}}}, "orders-report": IMAGE}

    with pytest.raises(SettingsError) as raised:
        parse_workload("shop", {"services": services})

    assert raised.value.problems == (
        "services.orders.jobs.report: orders-report is the name of something else; choose another one",
    )


def test_a_cron_job_has_a_name_that_kubernetes_takes():
    service = "a" * 40

    with pytest.raises(SettingsError) as raised:
        parse_workload("shop", {"services": {service: {**IMAGE, "jobs": {"thirteen-long": {"schedule": "0 6 * * *"}}}}})

    assert raised.value.problems == (
        f"services.{service}.jobs.thirteen-long: {service}-thirteen-long has more than 52 characters",
    )


def test_init_containers_and_jobs_are_spelt_for_the_chart(deploy: Callable[..., Deployed]):
    found = values(
        deploy,
        init=[
            {"name": "warm-up", "image": {"repository": "base/warm", "tag": "2"}, "args": ["up"]},
            {"name": "check", "resources": {"cpu": "10m", "memory": "32Mi"}},
        ],
        jobs={
            "report": {
                "schedule": "0 6 * * 1-5",
                "timezone": "Europe/Madrid",
                "command": ["report"],
                "env": {"LEVEL": "debug"},
                "image": {"tag": "2"},
                "concurrency": "replace",
                "keep_succeeded": 0,
            }
        },
    )

    small = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "32Mi"}}
    assert found["initContainers"] == [
        {"name": "warm-up", "args": ["up"], "image": "registry/base/warm:2"},
        {"name": "check", "resources": small},
    ]
    assert found["jobs"] == {
        "report": {
            "schedule": "0 6 * * 1-5",
            "timeZone": "Europe/Madrid",
            "concurrencyPolicy": "Replace",
            "startingDeadlineSeconds": 300,
            "activeDeadlineSeconds": 3600,
            "backoffLimit": 2,
            "successfulJobsHistoryLimit": 0,
            "failedJobsHistoryLimit": 3,
            "command": ["report"],
            "env": {"LEVEL": "debug"},
            "image": "registry/shop/orders:2",
        }
    }


def test_what_migrations_need_is_there_before_the_release(deploy: Callable[..., Deployed]):
    migrations = {"command": ["migrate"], "deadline_seconds": 900, "retries": 0}

    found = deployed(deploy, workload(migrations=migrations, secrets={"TOKEN": "token"}))

    release, account = found.only(RELEASE), found.only("kubernetes:core/v1:ServiceAccount")
    assert account.inputs["metadata"] == {"name": "orders-migrations", "namespace": "shop"}
    assert account.inputs["automountServiceAccountToken"] is False
    assert {account.urn, found.named("shop-orders-secrets").urn} <= set(release.depends_on)
    assert release.inputs["timeout"] == 1200
    assert release.inputs["values"]["migrations"] == {
        "enabled": True,
        "serviceAccount": "orders-migrations",
        "activeDeadlineSeconds": 900,
        "backoffLimit": 0,
        "command": ["migrate"],
    }


def test_jobs_are_who_the_service_is_to_the_cloud(deploy: Callable[..., Deployed]):
    account = ServiceAccount(namespace="shop", name="orders")
    identity = WorkloadIdentity(
        service_account=account, annotations={}, pod_labels={"cloud/use": "true"}, env={}, mounts_token=False
    )
    spec = workload(cloud_identity=True, jobs={"report": {"schedule": "0 6 * * *"}})

    found = deployed(deploy, spec, principals={account: identity}).only(RELEASE).inputs["values"]

    assert found["jobLabels"] == {"cloud/use": "true"}


def test_jobs_and_migrations_reach_what_the_service_does():
    spec = workload(jobs={"report": {"schedule": "0 6 * * *"}}, migrations={"command": ["migrate"]})

    assert pods_of("shop", "orders", spec.services["orders"]).labels == {
        "app.kubernetes.io/name": ("orders", "orders-report", "orders-migrations"),
        "app.kubernetes.io/part-of": "shop",
    }


def test_images_of_tasks_are_asked_of_the_cloud_as_well():
    image = {"image": {"repository": "base/tool", "tag": "1"}}
    job = {"schedule": "0 6 * * *", "image": {"repository": "base/report", "tag": "1"}}
    spec = workload(init=[{"name": "a", **image}], jobs={"report": job}, migrations={"image": {"tag": "2"}})

    assert demands({"shop": spec}).images == ["shop/orders", "base/tool", "base/report"]


@pytest.mark.parametrize(
    ("service", "trigger"),
    [
        (
            {"cpu_percent": 70},
            {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70", "containerName": "app"}},
        ),
        (
            {"memory_percent": 80},
            {"type": "memory", "metricType": "Utilization", "metadata": {"value": "80", "containerName": "app"}},
        ),
        (
            {"cron": [{"start": "0 8 * * 1-5", "end": "0 18 * * 1-5", "timezone": "Europe/Madrid", "replicas": 4}]},
            {
                "type": "cron",
                "metadata": {
                    "timezone": "Europe/Madrid",
                    "start": "0 8 * * 1-5",
                    "end": "0 18 * * 1-5",
                    "desiredReplicas": "4",
                },
            },
        ),
    ],
)
def test_a_service_is_scaled_by_what_it_uses_and_by_the_hour(
    service: dict[str, Any], trigger: dict[str, Any], deploy: Callable[..., Deployed]
):
    assert values(deploy, autoscaling={"max": 5, **service})["autoscaling"] == {
        "enabled": True,
        "min": 2,
        "max": 5,
        "triggers": [trigger],
    }


@pytest.mark.parametrize(
    ("autoscaling", "service", "query", "threshold"),
    [
        (
            {"requests_per_second": 50},
            ROUTED,
            'sum(rate(kong_http_requests_total{service=~"shop[.]orders[.].+",service!~".+[.]canary"}[2m]))',
            "50",
        ),
        (
            {"requests_per_second": 2.5},
            {"ports": {"grpc": 81}},
            'sum(rate(traces_span_metrics_calls_total{job="shop/orders",span_kind="SPAN_KIND_SERVER"}[2m]))',
            "2.5",
        ),
        (
            {"kafka": {"topic": "orders", "lag": 1_000_000_000}},
            {},
            'sum(kafka_consumergroup_lag{namespace="shop",consumergroup="orders",topic="orders"})',
            "1000000000",
        ),
        (
            {"kafka": {"topic": "orders", "group": "billing", "lag": 100}},
            {},
            'sum(kafka_consumergroup_lag{namespace="shop",consumergroup="billing",topic="orders"})',
            "100",
        ),
    ],
)
def test_a_service_is_scaled_by_what_prometheus_knows(
    autoscaling: dict[str, Any],
    service: dict[str, Any],
    query: str,
    threshold: str,
    deploy: Callable[..., Deployed],
):
    spec = workload(KAFKA, autoscaling={"max": 5, **autoscaling}, **service)

    (trigger,) = deployed(deploy, spec).only(RELEASE).inputs["values"]["autoscaling"]["triggers"]

    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue")
    assert (trigger["metadata"]["query"], trigger["metadata"]["threshold"]) == (query, threshold)


def test_a_queue_is_asked_for_by_its_name(deploy: Callable[..., Deployed]):
    spec = workload(
        {"data": {"work": {"kind": "rabbitmq", "queues": {"files": {}}}}},
        data=["work"],
        autoscaling={"max": 5, "rabbitmq": {"queue": "files", "length": 20}},
    )

    found = next(one for one in deployed(deploy, spec).of_type(RELEASE) if one.inputs["name"] == "orders")

    (trigger,) = found.inputs["values"]["autoscaling"]["triggers"]
    assert trigger["metadata"]["query"] == (
        'sum(rabbitmq_detailed_queue_messages_ready{namespace="shop",queue="files"})'
    )


def test_a_release_with_a_scaled_object_waits_for_what_scales(deploy: Callable[..., Deployed]):
    found = deployed(deploy, workload(autoscaling={"max": 5, "cpu_percent": 70}))

    assert found.named("scaler").urn in found.only(RELEASE).depends_on
    assert found.named("scaler").urn not in deployed(deploy, workload()).only(RELEASE).depends_on


def test_a_canary_has_neither_tasks_nor_a_scale_of_its_own(deploy: Callable[..., Deployed]):
    spec = workload(
        **ROUTED,
        autoscaling={"max": 5, "cpu_percent": 70},
        jobs={"report": {"schedule": "0 6 * * *"}},
        migrations={"command": ["migrate"]},
        volumes={"config": {"kind": "files", "path": "/etc/app", "files": {"a": "b"}}},
        canary={"image": {"tag": "2"}},
    )

    found = {one.inputs["name"]: one.inputs["values"] for one in deployed(deploy, spec).of_type(RELEASE)}

    assert not {"autoscaling", "jobs", "migrations"} & found["orders-canary"].keys()
    assert {"autoscaling", "jobs", "migrations"} <= found["orders"].keys()
    assert found["orders-canary"]["volumes"] == found["orders"]["volumes"]
    assert found["orders-canary"]["autoscaled"] is True


def test_pods_are_spread_and_kept_as_the_file_says(deploy: Callable[..., Deployed]):
    found = values(
        deploy,
        replicas=3,
        spread={"zones": "required", "anti_affinity": "preferred"},
        disruption={"max_unavailable": 1},
        owners={"team": "payments", "contacts": ["payments@acme.example", "#payments"]},
    )

    assert found["spread"] == {"zones": "required", "nodes": "preferred", "antiAffinity": "preferred"}
    assert found["disruption"] == {"maxUnavailable": 1}
    assert found["labels"] == {"groundwork/team": "payments"}
    assert found["annotations"] == {"groundwork/contacts": '["payments@acme.example", "#payments"]'}


def test_alerts_about_a_service_go_to_its_owners():
    spec = workload(ports={"http": 80}, owners={"team": "payments"}, alerts={"error_percent": 1})

    ((rule,),) = [group["rules"] for group in alert_groups("shop", spec, "https://acme.example")]

    assert rule["labels"]["team"] == '{{ if eq $labels.service "orders" }}payments{{ else }}shop{{ end }}'
    assert workload(owners={"team": "shop"}).team_label("shop") == "shop"


def test_a_workload_has_room_for_its_tasks_and_for_all_pods_that_there_may_be():
    sizes = SIZES["dev"]
    plain = room("shop", workload(), sizes)

    scaled = room("shop", workload(autoscaling={"max": 10, "cpu_percent": 70}), sizes)
    busy = room("shop", workload(jobs={"report": {"schedule": "0 6 * * *", "resources": {"memory": "1Gi"}}}), sizes)
    claimed = workload(replicas=1, volumes={"data": {"kind": "claim", "path": "/data", "size_gib": 10}})

    assert scaled.pods - plain.pods == 2 * (10 - 2)
    assert (busy.pods - plain.pods, busy.memory_mib - plain.memory_mib) == (2, 2 * 1024)
    assert room("shop", claimed, sizes).storage_gib == 20
