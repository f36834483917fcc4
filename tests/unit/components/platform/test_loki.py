"""Loki: its whole configuration, and what of the chart's values goes with it."""

import re
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from components.platform.loki_config import LokiPlace, LokiStorage, loki_config
from components.platform.loki_parts import cache, distributed_parts
from tests.programs import program

STORAGE: dict[Literal["gcs", "azure", "s3", "filesystem"], dict[str, Any]] = {
    "gcs": {"type": "gcs", "bucketNames": {"chunks": "logs", "ruler": "logs"}},
    "azure": {
        "type": "azure",
        "bucketNames": {"chunks": "chunks", "ruler": "ruler"},
        "azure": {"accountName": "acmelogs", "useFederatedToken": True},
    },
    "s3": {
        "type": "s3",
        "bucketNames": {"chunks": "logs", "ruler": "logs"},
        "s3": {"endpoint": "https://acme.example", "region": "eu-frankfurt-1", "s3ForcePathStyle": True},
    },
    "filesystem": {"type": "filesystem"},
}
PARTS = ("distributor", "ingester", "querier", "query-frontend", "query-scheduler", "index-gateway", "compactor")


def kept(kind: Literal["gcs", "azure", "s3", "filesystem"] = "gcs", days: int = 30) -> LokiStorage:
    return LokiStorage(kind=kind, storage=STORAGE[kind], retention_days=days)


def verify(config: dict[str, Any], target: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "loki.yaml"
    file.write_text(yaml.safe_dump(config))
    command = [
        program("loki"),
        f"-config.file={file}",
        "-config.expand-env=true",
        "-verify-config",
        f"-target={target}",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", STORAGE)
@pytest.mark.parametrize("target", ["all", *PARTS])
def test_loki_takes_the_configuration_of_every_store_and_part(
    kind: Literal["gcs", "azure", "s3", "filesystem"], target: str, tmp_path: Path
):
    ended = verify(loki_config(kept(kind), distributed=target != "all"), target, tmp_path)

    assert (ended.returncode, "config is valid" in ended.stdout + ended.stderr) == (0, True)


def test_loki_refuses_a_key_that_it_does_not_have(tmp_path: Path):
    config = loki_config(kept(), distributed=False)
    config["limits_config"]["retention_periods"] = "24h"

    assert "field retention_periods not found" in verify(config, "all", tmp_path).stderr


def test_each_store_is_called_as_loki_calls_it():
    stores = {kind: loki_config(kept(kind), distributed=False)["common"]["storage"] for kind in STORAGE}

    assert stores == {
        "gcs": {"gcs": {"bucket_name": "logs"}},
        "azure": {
            "azure": {"account_name": "acmelogs", "container_name": "chunks", "use_federated_token": True},
        },
        "s3": {
            "s3": {
                "bucketnames": "logs",
                "endpoint": "https://acme.example",
                "region": "eu-frankfurt-1",
                "s3forcepathstyle": True,
            }
        },
        "filesystem": {
            "filesystem": {"chunks_directory": "/var/loki/chunks", "rules_directory": "/var/loki/rules"},
        },
    }


def test_no_key_of_a_store_is_in_the_configuration():
    text = yaml.safe_dump(loki_config(kept("s3"), distributed=True))

    assert "secret" not in text
    assert "access_key" not in text


def test_the_compactor_deletes_what_is_older_than_the_stack_keeps():
    config = loki_config(kept(days=15), distributed=True)

    assert config["compactor"]["retention_enabled"] is True
    assert config["compactor"]["delete_request_store"] == "gcs"
    assert config["limits_config"]["retention_period"] == "360h"
    assert config["limits_config"]["max_query_lookback"] == "360h"
    assert "table_manager" not in config


@pytest.mark.parametrize(("days", "oldest"), [(3, "72h"), (7, "168h"), (30, "168h")])
def test_nothing_is_taken_in_that_would_be_deleted_at_once(days: int, oldest: str):
    assert loki_config(kept(days=days), distributed=False)["limits_config"]["reject_old_samples_max_age"] == oldest


def test_structured_metadata_has_the_schema_that_it_needs():
    config = loki_config(kept(), distributed=False)

    (period,) = config["schema_config"]["configs"]
    assert (period["store"], period["schema"], period["index"]["period"]) == ("tsdb", "v13", "24h")
    assert config["limits_config"]["allow_structured_metadata"] is True


def test_one_process_needs_no_one_to_find():
    config = loki_config(kept(), distributed=False)

    assert config["common"]["ring"] == {"kvstore": {"store": "inmemory"}}
    assert config["common"]["replication_factor"] == 1
    assert "memberlist" not in config
    assert "frontend_worker" not in config


def test_parts_find_each_other_by_the_names_of_their_services():
    config = loki_config(kept(), distributed=True)

    assert config["common"]["compactor_grpc_address"] == "loki-compactor.logging.svc.cluster.local:9095"
    assert config["memberlist"]["join_members"] == ["loki-memberlist.logging.svc.cluster.local"]
    scheduler = "loki-query-scheduler-headless.logging.svc.cluster.local:9095"
    assert config["frontend_worker"] == {"scheduler_address": scheduler}
    assert config["frontend"]["scheduler_address"] == scheduler
    assert config["frontend"]["tail_proxy_url"] == "http://loki-querier.logging.svc.cluster.local:3100"
    assert config["storage_config"]["tsdb_shipper"] == {
        "index_gateway_client": {
            "server_address": "dns+loki-index-gateway-headless.logging.svc.cluster.local:9095",
        }
    }
    memcached = "dnssrvnoa+_memcached-client._tcp.loki-{}-cache.logging.svc.cluster.local"
    chunks = config["chunk_store_config"]["chunk_cache_config"]
    assert chunks["memcached_client"]["addresses"] == memcached.format("chunks")
    results = config["query_range"]["results_cache"]["cache"]
    assert results["memcached_client"]["addresses"] == memcached.format("results")


def test_small_caches_stay_in_the_one_process():
    config = loki_config(kept(), distributed=False)

    caches = [config["chunk_store_config"]["chunk_cache_config"], config["query_range"]["results_cache"]["cache"]]
    assert [one["embedded_cache"]["max_size_mb"] for one in caches] == [64, 32]


def test_another_place_changes_addresses_and_folders_alone():
    place = LokiPlace(folder="/data", http_port=13100, grpc_port=19095, listen_address="127.0.0.1", runtime_config=None)

    config = loki_config(kept("filesystem"), distributed=False, place=place)

    assert config["common"]["compactor_grpc_address"] == "127.0.0.1:19095"
    assert config["common"]["instance_addr"] == "127.0.0.1"
    assert config["server"]["http_listen_address"] == "127.0.0.1"
    assert "runtime_config" not in config
    assert not re.search("/var/loki|/etc/loki|cluster.local", yaml.safe_dump(config))
    deployed = loki_config(kept("filesystem"), distributed=False)
    assert config["limits_config"] == deployed["limits_config"]
    assert config["schema_config"] == deployed["schema_config"]


def test_nothing_in_the_configuration_is_a_template_of_the_chart():
    assert not [kind for kind in STORAGE if "{{" in yaml.safe_dump(loki_config(kept(kind), distributed=True))]


def test_a_zone_that_is_lost_takes_one_copy_of_a_stream():
    ingester = distributed_parts("fast")["ingester"]

    assert ingester["replicas"] == loki_config(kept(), distributed=True)["common"]["replication_factor"] == 3
    assert ingester["maxUnavailable"] == 1
    assert ingester["topologySpreadConstraints"] == [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app.kubernetes.io/component": "ingester"}},
        }
    ]


def test_caches_are_sized_to_the_environment():
    assert cache(False, "chunks-cache", cpu="100m", memory_mb=1024) == {"enabled": False}
    prod = cache(True, "chunks-cache", cpu="100m", memory_mb=1024)
    assert (prod["replicas"], prod["allocatedMemory"], prod["allocatedCPU"]) == (2, 1024, "100m")
