"""Services that no cluster and no gateway would take: refused by key path before anything is made."""

from typing import Any

import pytest

from components.services.model import parse_workload
from stacks.problems import SettingsError

IMAGE = {"image": {"tag": "1.0.0"}}
HTTP = {**IMAGE, "ports": {"http": 8080}}
MOBILE = {"mobile": {"groups": ["apps"], "keys": [{"generated": "mobile-key"}]}}


def refused(service: dict[str, Any], **workload: Any) -> list[str]:
    with pytest.raises(SettingsError) as found:
        parse_workload("shop", {"services": {"orders": service}, **workload})
    return list(found.value.problems)


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ({**IMAGE, "resources": {"cpu": "0.5m"}}, "resources.cpu: expected more than 0 cores"),
        ({**IMAGE, "resources": {"cpu": "0.0005"}}, "resources.cpu: expected more than 0 cores"),
        ({**IMAGE, "env": {"A": "a\x00b"}}, "env.A: expected text without the character 0, which ends a variable"),
        (
            {**IMAGE, "volumes": {"tmp": {"kind": "scratch", "path": "/a"}}},
            "volumes.tmp: expected 20 lower-case letters and digits at most, starting with a letter, and not tmp",
        ),
        (
            {**IMAGE, "volumes": {"a": {"kind": "files", "path": "/a", "files": {".": ""}}}},
            "volumes.a.files..: expected the name of a file",
        ),
        (
            {**IMAGE, "dapr": {}, "init": [{"name": "daprd"}]},
            "init.0.name: daprd is that of Dapr's sidecar",
        ),
        (
            {**IMAGE, "init": [{"name": "at-http"}]},
            "init.0.name: names that begin with at- are those of stand-ins",
        ),
        (
            {**HTTP, "probes": {"liveness": {"port": "http", "path": "/", "period_seconds": 2**31}}},
            "probes.liveness.period_seconds: expected 3600 or less",
        ),
        (
            {**HTTP, "probes": {"liveness": {"port": "http", "path": "/items/{id}"}}},
            "probes.liveness.path: expected a path such as /health or /health?full=true, with other characters as %",
        ),
        (
            {**HTTP, "upstream": {"active": {"path": "/health?full=true"}}},
            "upstream.active.path: expected a path such as /health, with other characters as %",
        ),
        (
            {**HTTP, "slos": {"throughput": {"requests_per_second": float("inf")}}},
            "slos.throughput.requests_per_second: expected 1000000.0 or less",
        ),
    ],
)
def test_what_would_not_start_is_refused(service: dict[str, Any], problem: str):
    (found,) = refused(service)

    assert found.startswith(f"services.orders.{problem}")


def test_an_init_container_may_have_the_name_of_a_sidecar_that_there_is_not():
    assert parse_workload("shop", {"services": {"orders": {**IMAGE, "init": [{"name": "daprd"}]}}}).services


def test_the_gateway_asks_no_question_after_a_path():
    service = {**HTTP, "routes": [{"paths": ["/"]}], "probes": {"readiness": {"port": "http", "path": "/ready?all"}}}

    (problem,) = refused(service)

    assert problem.startswith("services.orders.probes.readiness.path: the gateway asks the pods for it too")
    for upstream in ({"active": {"path": "/ready"}}, {"health_checks": False}):
        assert parse_workload("shop", {"services": {"orders": {**service, "upstream": upstream}}}).services


def test_groups_that_keep_every_consumer_out_let_nobody_through():
    def routed(**acl: Any) -> dict[str, Any]:
        return {**HTTP, "routes": [{"paths": ["/"], "plugins": {"key-auth": {}, "acl": acl}}]}

    problems = refused(routed(deny=["apps"]), gateway={"consumers": MOBILE})

    assert problems == [
        "services.orders.routes.0.plugins.acl.deny: every consumer is in one of these groups: nobody gets through"
    ]
    assert parse_workload(
        "shop",
        {
            "services": {"orders": routed(deny=["apps"])},
            "gateway": {"consumers": {**MOBILE, "web": {"keys": [{"generated": "web-key"}]}}},
        },
    )
