"""The check through the engine's own protocol."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from contract_check import pack
from contract_check.wire import SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN, Opaque, Secret, from_struct
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
BUCKET = "gcp:storage/bucket:Bucket"
URN = f"urn:pulumi:dev::groundwork::{BUCKET}::logs"


def struct(properties: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(properties)
    return message


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE_KEY: SECRET_SIGNATURE, "value": value}


@pytest.fixture
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    server, port = pack.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)
    server.stop(grace=1).wait()


def analyze(analyzer: Any, properties: dict[str, Any], token: str = BUCKET, ignored: tuple[str, ...] = ()) -> list[Any]:
    options = analyzer_pb2.AnalyzerResourceOptions(ignoreChanges=ignored)
    request = analyzer_pb2.AnalyzeRequest(
        type=token, urn=URN, name="logs", properties=struct(properties), options=options
    )
    return list(analyzer.Analyze(request).diagnostics)


def test_every_finding_is_a_mandatory_violation_of_its_resource(analyzer):
    found = analyze(analyzer, {"locaton": "EU", "versioning": {"enabled": "yes"}}, ignored=("labls",))

    assert [item.message for item in found] == [
        'ignoreChanges: "labls" matches no input, "labls" is none; did you mean "labels"?',
        f'locaton: {BUCKET} has no such property; did you mean "location"?',
        "versioning.enabled: expected a boolean, got a string",
        f"location: {BUCKET} requires it",
    ]
    assert {(item.urn, item.policyName, item.policyPackName, item.enforcementLevel) for item in found} == {
        (URN, "inputs", "groundwork-contract", analyzer_pb2.MANDATORY)
    }


def test_valid_inputs_give_no_diagnostics(analyzer):
    assert analyze(analyzer, {"location": "EU", "name": UNKNOWN_STRING, "labels": secret({"team": "x"})}) == []


def test_a_secret_never_reaches_a_diagnostic(analyzer):
    properties = {
        "location": "EU",
        "storageClass": secret("hunter2"),
        "lifecycleRules": secret([{"action": "hunter2"}]),
    }

    assert "hunter2" not in str(analyze(analyzer, properties))
    assert len(analyze(analyzer, properties)) == 3


def test_a_rule_without_a_checked_source_is_advice(analyzer):
    token = "gcp:secretmanager/secret:Secret"
    [found] = analyze(analyzer, {"replication": {}, "secretId": "a b"}, token)

    assert found.enforcementLevel == analyzer_pb2.ADVISORY


def test_a_user_may_lower_the_level_or_switch_the_check_off(analyzer):
    for level, count in ((analyzer_pb2.ADVISORY, 1), (analyzer_pb2.DISABLED, 0)):
        config = {"inputs": analyzer_pb2.PolicyConfig(enforcementLevel=level)}
        analyzer.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config))

        assert [item.enforcementLevel for item in analyze(analyzer, {})] == [level] * count


def test_the_engine_gets_an_answer_to_everything_it_asks(analyzer):
    assert [policy.name for policy in analyzer.GetAnalyzerInfo(empty_pb2.Empty()).policies] == ["inputs"]
    assert analyzer.GetPluginInfo(empty_pb2.Empty()).version == pack.VERSION
    assert list(analyzer.Remediate(analyzer_pb2.AnalyzeRequest(type=BUCKET)).remediations) == []
    assert list(analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest()).diagnostics) == []
    analyzer.Handshake(analyzer_pb2.AnalyzerHandshakeRequest(engine_address="127.0.0.1:1"))
    analyzer.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev"))
    analyzer.Cancel(empty_pb2.Empty())


def test_a_dashboard_larger_than_grpcs_default_is_looked_at(analyzer):
    token, metadata = "kubernetes:core/v1:ConfigMap", {"name": "dashboards"}
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a.json": "x" * 5_000_000}}

    [found] = analyze(analyzer, inputs, token)

    assert found.message == "data: all data together has 5000000 bytes, at most 1048576 are allowed"


def test_values_are_read_from_the_wire_with_their_marks():
    output = {SIGNATURE_KEY: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "dependencies": []}
    asset = {SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}

    read = from_struct(
        struct(
            {
                "plain": [1, "a", True, None, {"b": "c"}],
                "unknown": UNKNOWN_STRING,
                "output": output,
                "known": {**output, "value": "v"},
                "concealed": {**output, "value": "v", "secret": True},
                "secret": secret({"a": UNKNOWN_STRING}),
                "asset": asset,
            }
        )
    )

    assert read == {
        "plain": [1.0, "a", True, None, {"b": "c"}],
        "unknown": UNKNOWN,
        "output": UNKNOWN,
        "known": "v",
        "concealed": Secret("v"),
        "secret": Secret({"a": UNKNOWN}),
        "asset": Opaque("an asset"),
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_pack_serves_until_it_is_told_to_stop_and_goes_quietly(number):
    folder = Path(pack.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-u", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    process.send_signal(number)

    assert process.communicate() == ("", "")
    assert process.returncode == 0
