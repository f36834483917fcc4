"""The plugin executables and what the engine asks them before anything else."""

import os
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.unit.rehearsal.providers.fake_engine import Engine

BIN = Path(__file__).parents[4] / "rehearsal" / "bin"
PACKAGES = ("azure-native", "gcp", "kubernetes", "oci", "random", "tls")


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_plugin_tells_its_port_answers_and_ends_quietly(package: str, stop: signal.Signals, tmp_path: Path) -> None:
    environment = {**os.environ, "REHEARSAL_HOME": str(tmp_path)}
    command = [sys.executable, str(BIN / f"pulumi-resource-{package}")]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            schema = stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
            assert f'"name": "{package}"' in schema
            stub.Cancel(empty_pb2.Empty())
        process.send_signal(stop)
        output, errors = process.communicate(timeout=20)

    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("package", PACKAGES)
def test_plugins_are_executable(package: str) -> None:
    assert os.access(BIN / f"pulumi-resource-{package}", os.X_OK)


def test_a_plugin_has_the_version_of_its_sdk(gcp: Engine) -> None:
    assert gcp.plugin_version() == metadata.version("pulumi_gcp")


def test_the_engine_learns_what_a_plugin_understands(gcp: Engine) -> None:
    answer = gcp.servicer.Handshake(provider_pb2.ProviderHandshakeRequest(), gcp.context)

    assert answer.accept_secrets
    assert answer.accept_resources
    assert answer.accept_outputs
    assert answer.supports_autonaming_configuration
