"""What sidecars trust: the chain that sentry takes, its ages, and how one root takes another's place."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from components.platform.dapr_root import EXPIRY, RENEWED_HOURS, DaprRoot, DaprRootArgs, expiry_groups
from rehearsal.providers.tls.provider import LOCALLY_SIGNED, PRIVATE_KEY, SELF_SIGNED, TlsProvider
from rehearsal.providers.wire import Secret, plain
from tests.mock_engine import PROVIDER_OUTPUTS, Deployed
from tests.unit.components.bare_platform import Prerequisite
from tests.unit.rehearsal.providers.fake_engine import Engine, State

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"


@pytest.fixture
def root(deploy: Callable[..., Deployed]) -> Callable[..., Deployed]:
    def deployed(roots: Sequence[int] = (1,), *, protect: bool = False) -> Deployed:
        def program() -> None:
            wait = Prerequisite("wait")
            args = DaprRootArgs(roots=roots, trust_domain="cluster.local", protect=protect, namespace=wait, crds=wait)
            DaprRoot("root", args)

        return deploy(program)

    return deployed


def made(deployed: Deployed) -> dict[str, State]:
    """What the provider makes of each registration, by name, in the order in which they were registered."""
    engine = Engine(TlsProvider(lambda: NOW))
    states: dict[str, State] = {}
    real: dict[Any, Any] = {}
    for one in deployed.registrations.values():
        if one.type.startswith("tls:"):
            inputs = {
                key: real.get(value, value) if isinstance(value, str) else value for key, value in one.inputs.items()
            }
            states[one.name] = engine.create(one.type, one.name, **inputs)
            mocked = PROVIDER_OUTPUTS[one.type](one.name, one.inputs)
            real |= {mocked[key]: states[one.name][key] for key in mocked}
    return states


def certificate(state: State) -> x509.Certificate:
    return x509.load_pem_x509_certificate(state["certPem"].encode())


def test_sentry_takes_the_chain(root: Callable[..., Deployed]):
    # What it checks: https://github.com/dapr/dapr/blob/v1.18.3/pkg/sentry/server/ca/validate.go
    states = made(root())
    anchor, issuer = certificate(states["root-1"]), certificate(states["root-issuer"])
    key = load_pem_private_key(plain(states["root-issuer-key"]["privateKeyPem"]).encode(), None)

    anchor.verify_directly_issued_by(anchor)
    issuer.verify_directly_issued_by(anchor)
    assert issuer.public_key() == key.public_key()
    for one in (anchor, issuer):
        assert one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert one.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
        with pytest.raises(x509.ExtensionNotFound):
            one.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert anchor.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 1


def test_the_root_is_good_for_ten_years_and_the_issuer_for_one(root: Callable[..., Deployed]):
    states = made(root())

    assert certificate(states["root-1"]).not_valid_after_utc - NOW == timedelta(hours=87660)
    assert certificate(states["root-issuer"]).not_valid_after_utc - NOW == timedelta(hours=8766)


def test_an_up_in_its_last_ninety_days_renews_the_issuer_and_never_the_root(root: Callable[..., Deployed]):
    deployed = root()

    assert deployed.only(LOCALLY_SIGNED).inputs["earlyRenewalHours"] == RENEWED_HOURS == 2160
    assert "earlyRenewalHours" not in deployed.only(SELF_SIGNED).inputs


def test_every_key_is_of_the_curve_p256_and_secret(root: Callable[..., Deployed]):
    deployed = root()

    assert [(one.inputs["algorithm"], one.inputs["ecdsaCurve"]) for one in deployed.of_type(PRIVATE_KEY)] == [
        ("ECDSA", "P256")
    ] * 2
    for name in ("root-1-key", "root-issuer-key"):
        assert isinstance(made(deployed)[name]["privateKeyPem"], Secret)


def test_the_first_root_signs_and_every_root_is_trusted(root: Callable[..., Deployed]):
    before, middle, after, end = (root(roots) for roots in ([1], [1, 2], [2, 1], [2]))

    def outputs(deployed: Deployed) -> Any:
        return deployed.only("groundwork:index:DaprRoot").outputs

    def authority(deployed: Deployed) -> Any:
        return deployed.only(LOCALLY_SIGNED).inputs["caCertPem"]

    assert [authority(one) for one in (before, middle, after, end)] == [
        "root-1 certificate\n",
        "root-1 certificate\n",
        "root-2 certificate\n",
        "root-2 certificate\n",
    ]
    both = "root-1 certificate\nroot-2 certificate\n"
    assert [outputs(one)["bundle"] for one in (before, middle, after, end)] == [
        "root-1 certificate\n",
        both,
        both,
        "root-2 certificate\n",
    ]


def test_a_new_root_leaves_the_old_one_and_its_issuer_as_they_are(root: Callable[..., Deployed]):
    before, after = root([1]), root([1, 2])

    for one in before.registrations.values():
        if one.type.startswith("tls:"):
            assert after.registrations[one.urn].inputs == one.inputs
    added = after.registrations.keys() - before.registrations.keys()
    assert sorted(urn.rpartition("::")[2] for urn in added) == ["root-2", "root-2-key"]


def test_roots_have_names_that_tell_them_apart(root: Callable[..., Deployed]):
    names = [one.inputs["subject"]["commonName"] for one in root([1, 2]).of_type(SELF_SIGNED)]

    assert names == ["Dapr root 1", "Dapr root 2"]


@pytest.mark.parametrize("protect", [True, False])
def test_roots_refuse_to_be_replaced_where_the_stack_protects_what_it_has(root: Callable[..., Deployed], protect: bool):
    deployed = root(protect=protect)

    guarded = {one.name for one in deployed.registrations.values() if one.protect}
    assert guarded == ({"root-1", "root-1-key"} if protect else set())


def test_the_end_of_each_root_is_a_series(root: Callable[..., Deployed]):
    end = int(datetime(2036, 11, 21, 12, tzinfo=UTC).timestamp())

    assert root([2, 1]).only(RULE).inputs["spec"] == {
        "groups": [
            {
                "name": "dapr-root",
                "rules": [
                    {"record": EXPIRY, "expr": f"vector({end})", "labels": {"root": "1"}},
                    {"record": EXPIRY, "expr": f"vector({end})", "labels": {"root": "2"}},
                ],
            }
        ]
    }


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:07Z", "1970-01-01T01:00:07.999999999+01:00"])
def test_moments_are_read_as_the_provider_writes_them(moment: str):
    (group,) = expiry_groups({1: moment})

    assert group["rules"][0]["expr"] == "vector(7)"
