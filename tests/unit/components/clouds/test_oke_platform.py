"""The platform on OKE: Loki with a key, since Oracle's own principals do not reach it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.contracts import Demands
from components.foundation import build_foundation
from components.platform.applications import Applications
from components.platform.platform import build_platform
from stacks.credentials import Credentials
from stacks.settings import parse
from tests.mock_engine import Deployed, Registration
from tests.plans import committed_plan

SECRET = "kubernetes:core/v1:Secret"


@pytest.fixture
def platform(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def build(**changes: Any) -> Deployed:
        committed = yaml.safe_load(Path("stacks/Pulumi.oke-dev.yaml").read_text())["config"]["groundwork:stack"]
        stack = parse({**committed, **changes})
        return deploy(lambda: build_platform(stack, Credentials(), build_foundation(stack, Demands()), Applications()))

    return build


def loki(deployed: Deployed) -> Registration:
    (found,) = [one for one in deployed.of_type("kubernetes:helm.sh/v3:Release") if one.inputs["name"] == "loki"]
    return found


def test_loki_writes_to_object_storage_by_the_s3_protocol(platform: Callable[..., Deployed]):
    values = loki(platform()).inputs["values"]

    assert values["loki"]["storage"] == {
        "type": "s3",
        "bucketNames": {"chunks": "groundwork-dev-logs", "ruler": "groundwork-dev-logs"},
        "s3": {
            "endpoint": "https://acmespace.compat.objectstorage.eu-frankfurt-1.oraclecloud.com",
            "region": "eu-frankfurt-1",
            "s3ForcePathStyle": True,
        },
    }
    # Later builds send what Object Storage refuses: https://github.com/grafana/loki/issues/21926
    assert values["loki"]["image"] == {"tag": "3.6.10"}


def test_pods_get_the_key_by_the_name_of_a_secret(platform: Callable[..., Deployed]):
    deployed = platform()

    secret = deployed.named("loki-object-store")
    assert secret.inputs["metadata"]["name"] == "loki-object-store-first"
    assert secret.inputs["stringData"] == {
        "AWS_ACCESS_KEY_ID": "logs-key-first-id",
        "AWS_SECRET_ACCESS_KEY": "logs-key-first-secret",
    }
    release = loki(deployed)
    assert release.inputs["values"]["defaults"]["extraEnvFrom"] == [{"secretRef": {"name": "loki-object-store-first"}}]
    assert "logs-key-first-secret" not in str(release.inputs)
    assert secret.urn in release.depends_on


def test_another_key_comes_with_another_name_so_that_pods_are_replaced(platform: Callable[..., Deployed]):
    deployed = platform(object_storage={"keys": ["second", "first"]})

    secret = deployed.named("loki-object-store")
    assert secret.inputs["metadata"]["name"] == "loki-object-store-second"
    assert secret.inputs["stringData"]["AWS_ACCESS_KEY_ID"] == "logs-key-second-id"


def test_loki_waits_for_what_lets_its_user_write(platform: Callable[..., Deployed]):
    deployed = platform()

    waits_for = loki(deployed).depends_on
    assert deployed.named("logs-writer-policy").urn in waits_for
    assert deployed.named("logs-writer-membership").urn in waits_for
    assert deployed.named("pools-system").urn in waits_for


def test_databases_with_a_key_wait_for_what_lets_it_into_the_bucket():
    deployed = committed_plan("oke-staging")

    secret = deployed.named("orders-payments-backups-key")
    waits = {deployed.registrations[urn].name for urn in secret.depends_on}
    assert {"database-backups-bucket", "database-backups-writer-policy"} <= waits
