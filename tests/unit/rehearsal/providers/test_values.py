"""Random values, certificates, names and durations."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from pulumi.runtime.proto import provider_pb2

from rehearsal.providers import latency
from rehearsal.providers.certificates import cluster_authority
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.random_.provider import RandomProvider
from rehearsal.providers.wire import UNKNOWN, Secret
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused
from tests.unit.rehearsal.providers.google_project import NETWORK, GoogleProject

PASSWORD = "random:index/randomPassword:RandomPassword"


@pytest.fixture
def random() -> Engine:
    return Engine(RandomProvider())


def test_a_password_obeys_its_alphabet_and_is_secret(random: Engine) -> None:
    made = random.create(PASSWORD, "p", length=40, special=False, minUpper=30, overrideSpecial="#")

    assert isinstance(made["result"], Secret)
    assert isinstance(made["bcryptHash"], Secret)
    assert len(made["result"].value) == 40
    assert made["result"].value.isalnum()
    assert sum(letter.isupper() for letter in made["result"].value) >= 30


def test_two_passwords_differ(random: Engine) -> None:
    assert random.create(PASSWORD, "a", length=20)["result"] != random.create(PASSWORD, "a", length=20)["result"]


def test_a_password_that_cannot_be_is_refused(random: Engine) -> None:
    with pytest.raises(Refused, match="length must be at least the sum"):
        random.create(PASSWORD, "p", length=2, minUpper=3)


def test_a_preview_draws_nothing(random: Engine) -> None:
    assert random.preview(PASSWORD, "p", length=8)["result"] is UNKNOWN


def test_every_change_draws_anew(random: Engine) -> None:
    made = random.create(PASSWORD, "p", length=8, keepers={"a": "1"})

    assert not random.diff(made, length=8, keepers={"a": "1"}).changes
    assert random.diff(made, length=8, keepers={"a": "2"}).replaces == ["keepers.a"]
    assert random.read(made) == made


@pytest.mark.parametrize(
    ("kind", "inputs", "output"),
    [
        ("randomString:RandomString", {"length": 5}, "result"),
        ("randomInteger:RandomInteger", {"min": 3, "max": 3}, "result"),
        ("randomUuid:RandomUuid", {}, "result"),
        ("randomShuffle:RandomShuffle", {"inputs": ["a", "b"], "resultCount": 1}, "results"),
        ("randomBytes:RandomBytes", {"length": 4}, "hex"),
    ],
)
def test_other_random_values(random: Engine, kind: str, inputs: dict[str, Any], output: str) -> None:
    made = random.create(f"random:index/{kind}", "r", **inputs)
    lengths = {"result": {5, 36}, "results": {1}, "hex": {8}}

    value = made[output].value if isinstance(made[output], Secret) else made[output]
    assert value == 3 or len(value) in lengths[output]


def test_an_id_has_all_its_forms_with_the_prefix(random: Engine) -> None:
    made = random.create("random:index/randomId:RandomId", "r", byteLength=4, prefix="key-")

    drawn = bytes.fromhex(made["hex"].removeprefix("key-"))
    assert len(drawn) == 4
    assert made["dec"] == f"key-{int.from_bytes(drawn, 'big')}"
    assert made["b64Std"] == f"key-{base64.b64encode(drawn).decode()}"
    assert made.id == base64.urlsafe_b64encode(drawn).decode().rstrip("=")


def test_a_pet_has_as_many_words_as_asked_for(random: Engine) -> None:
    assert (
        random.create("random:index/randomPet:RandomPet", "r", length=3, separator="_", prefix="x").id.count("_") == 3
    )


def test_random_values_of_other_kinds_fail_by_name(random: Engine) -> None:
    with pytest.raises(Refused, match="does not know random:index/randomMystery:RandomMystery"):
        random.create("random:index/randomMystery:RandomMystery", "r")


def test_the_authority_of_a_cluster_depends_on_its_incarnation_alone() -> None:
    assert cluster_authority("one") == cluster_authority("one")
    assert cluster_authority("one") != cluster_authority("two")


def test_the_authority_of_a_cluster_is_a_certificate_that_verifies() -> None:
    certificate = x509.load_pem_x509_certificate(base64.b64decode(cluster_authority("one")))

    certificate.verify_directly_issued_by(certificate)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_stack_may_set_the_pattern_of_names(project: GoogleProject) -> None:
    options = provider_pb2.CheckRequest.AutonamingOptions
    proposed = options(proposed_name="acme-vpc", mode=options.Mode.PROPOSE)

    assert project.engine.check(NETWORK, "vpc", {}, autonaming=proposed)["name"] == "acme-vpc"
    with pytest.raises(Refused, match="autonaming is disabled"):
        project.engine.check(NETWORK, "vpc", {}, autonaming=options(mode=options.Mode.DISABLE))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []
    monkeypatch.setattr("rehearsal.providers.latency.time.sleep", taken.append)
    return taken


def test_nothing_waits_by_default(naps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    for speed in (None, "", "0"):
        monkeypatch.setenv("REHEARSAL_SPEED", speed) if speed is not None else monkeypatch.delenv(
            "REHEARSAL_SPEED", raising=False
        )
        latency.wait(NETWORK, "create")

    assert naps == []


def test_operations_take_their_time_at_the_speed_asked_for(
    project: GoogleProject, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REHEARSAL_SPEED", "10")
    network = project.network()
    project.engine.delete(network)

    assert naps == [2.2, 2.5]


def test_a_release_takes_the_time_of_its_chart() -> None:
    assert latency.seconds("kubernetes:helm.sh/v3:Release", "create", "kube-prometheus-stack") == 120
    assert latency.seconds("kubernetes:helm.sh/v3:Release", "create", "unheard-of") == 60
    assert latency.seconds("toy:index:House", "create") == 1


def test_an_operation_takes_the_time_of_the_case_that_its_inputs_fit() -> None:
    instance, server = "gcp:sql/databaseInstance:DatabaseInstance", "azure-native:dbforpostgresql:Server"
    release = "kubernetes:helm.sh/v3:Release"
    subnet = {"network": {"delegatedSubnetResourceId": "subnet"}}

    assert latency.seconds(instance, "create", inputs={"settings": {"availabilityType": "REGIONAL"}}) == 900
    assert latency.seconds(instance, "create", inputs={"settings": {}}) == 720
    assert latency.seconds(instance, "delete", inputs={"settings": {"availabilityType": "REGIONAL"}}) == 120
    assert latency.seconds(server, "create", inputs=subnet) == 480
    assert latency.seconds(server, "create", inputs={**subnet, "highAvailability": {"mode": "ZoneRedundant"}}) == 720
    assert latency.seconds(release, "create", "loki", {"values": {"deploymentMode": "Monolithic"}}) == 60


def test_what_has_no_line_of_its_own_is_told_apart() -> None:
    assert latency.knows("kubernetes:helm.sh/v3:Release", "kube-prometheus-stack")
    assert not latency.knows("kubernetes:helm.sh/v3:Release", "unheard-of")
    assert latency.knows(NETWORK)
    assert not latency.knows("toy:index:House")


def test_what_a_cloud_does_one_at_a_time_queues_up() -> None:
    assert latency.serial_group("azure-native:network:Subnet") == "virtualNetworkName"
    assert latency.serial_group(NETWORK) is None


def test_every_duration_says_where_it_comes_from() -> None:
    table = json.loads(Path("rehearsal/providers/durations.json").read_text())

    assert [token for token, entry in table.items() if token != "_meta" and not entry.get("source")] == []


def test_an_inventory_of_random_values_stays_empty(random: Engine, inventory: Inventory) -> None:
    random.create(PASSWORD, "p", length=8)

    assert inventory.list() == []
